/// A table of contacts: a header row with `permid` (or `ipv8`) or `account` among its columns, and
/// perhaps `name` and `strength`; others do not matter.
enum CSVContacts {
  struct Columns {
    let count: Int
    let permID: Int?
    let account: Int?
    let name: Int?
    let strength: Int?

    /// Nil where no column says who.
    init?(_ header: [[UInt8]]) {
      func place(_ names: StaticString...) -> Int? {
        header.firstIndex { field in names.contains { field[...].trimmed.isWord($0) } }
      }
      count = header.count
      permID = place("permid", "ipv8")
      account = place("account")
      name = place("name", "full name", "display name")
      strength = place("strength")
      if permID == nil, account == nil { return nil }
    }
  }

  static func read(_ bytes: [UInt8], into list: inout ContactList) {
    var reader = CSVReader(bytes)
    guard let header = reader.next(), header.refusal == nil, let columns = Columns(header.fields)
    else { return list.refuse(1, .noColumn) }
    while let row = reader.next() {
      guard !list.isFull else { return list.refuse(row.line, .tooManyEntries) }
      do throws(ContactRefusal) {
        list.add(try entry(row, columns))
      } catch {
        list.refuse(row.line, error)
      }
    }
  }

  private static func entry(
    _ row: CSVReader.Row, _ columns: Columns
  ) throws(ContactRefusal) -> ContactList.Entry {
    if let refusal = row.refusal { throw refusal }
    guard row.fields.count == columns.count else {
      throw .fieldCount(expected: columns.count, found: row.fields.count)
    }
    func text(_ column: Int?) throws(ContactRefusal) -> String {
      guard let column else { return "" }
      guard let text = row.fields[column][...].trimmed.text else { throw .notUTF8 }
      return text
    }
    let (permID, account) = (try text(columns.permID), try text(columns.account))
    let strength = try text(columns.strength)
    var entry = ContactList.Entry(
      line: row.line, name: ContactName.petname(try text(columns.name)),
      subject: try subject(permID, account))
    if !strength.isEmpty {
      guard let value = ContactText.strength(strength) else {
        throw .strengthMalformed(ContactText.quoted(strength))
      }
      entry.strength = value
    }
    return entry
  }

  /// A PermID goes before an account: it needs no proof.
  private static func subject(
    _ permID: String, _ account: String
  ) throws(ContactRefusal) -> ContactList.Subject {
    if !permID.isEmpty {
      guard let peer = ContactText.permID(permID) else {
        throw .permIDMalformed(ContactText.quoted(permID))
      }
      return .peer(peer)
    }
    guard !account.isEmpty else { throw .noPermID }
    guard let account = Account(text: account) else {
      throw .accountMalformed(ContactText.quoted(account))
    }
    return .account(account)
  }
}
