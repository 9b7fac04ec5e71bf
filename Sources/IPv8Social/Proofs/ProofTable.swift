import IPv8Wire

/// What accounts' keys signed, the latest of each account.
struct ProofTable: Sendable {
  private struct Row {
    let statement: AccountStatement
    let line: Int
    /// Another one with its time says another PermID.
    var isContradicted = false
  }

  private var rows: [Account: Row] = [:]

  /// Ordered by account.
  var statements: [AccountStatement] {
    rows.values.filter { !$0.isContradicted }.map(\.statement)
      .sorted { $0.account.description < $1.account.description }
  }

  func permID(of account: Account) -> PermID? {
    rows[account].flatMap { $0.isContradicted ? nil : $0.statement.permID }
  }

  /// Takes what was verified; which lines count for nothing by that.
  mutating func take(_ statement: AccountStatement, _ line: Int) -> [RefusedProof] {
    let account = statement.account
    guard let known = rows[account] else {
      rows[account] = Row(statement: statement, line: line)
      return []
    }
    if statement.time > known.statement.time {
      rows[account] = Row(statement: statement, line: line)
      return [RefusedProof(line: known.line, .superseded(account))]
    }
    if statement.time < known.statement.time {
      return [RefusedProof(line: line, .superseded(account))]
    }
    guard statement.permID != known.statement.permID else { return [] }
    rows[account]?.isContradicted = true
    let second = RefusedProof(line: line, .contradiction(account))
    return known.isContradicted
      ? [second] : [RefusedProof(line: known.line, .contradiction(account)), second]
  }
}
