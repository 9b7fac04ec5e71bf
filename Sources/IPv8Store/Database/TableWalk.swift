import GRDB

/// Reads a table in the order of its integer key, and where a page is damaged goes on behind it.
struct TableWalk {
  /// What was not there to be read.
  struct Losses: Equatable {
    /// Rows that are not what was stored.
    var rows = 0
    /// Damaged places, of one page or more each.
    var gaps = 0

    var isEmpty: Bool { rows == 0 && gaps == 0 }
  }

  /// Damaged places after which the rest is given up.
  private static let gapLimit = 4_096

  /// `SELECT … FROM …`.
  let select: String
  let key: String
  /// Where the key is among the columns.
  let keyColumn: Int
  /// Whether no two rows have the same key.
  var isUnique = true

  /// Calls `body` for each row that can be read; one for which it returns false counts as lost.
  func rows(
    _ database: Database, into losses: inout Losses, _ body: (Row) throws -> Bool
  ) throws {
    var from = Int64.min
    while losses.gaps < Self.gapLimit {
      var last = from
      do {
        try rows(database, from: from, &last, &losses, body)
        return
      } catch let error as DatabaseError where error.isDamage {
        losses.gaps += 1
        guard let next = try nextReadable(database, behind: last) else { return }
        from = next
      }
    }
  }

  private func rows(
    _ database: Database, from: Int64, _ last: inout Int64, _ losses: inout Losses,
    _ body: (Row) throws -> Bool
  ) throws {
    let rows = try Row.fetchCursor(
      database, sql: "\(select) WHERE \(key) >= ? ORDER BY \(key)", arguments: [from])
    while let row = try rows.next() {
      do {
        let key = try row.decode(Int64.self, atIndex: keyColumn)
        // A page that stands in the place of another shows rows again.
        if key > last || (key == last && !isUnique) {
          last = key
          if try !body(row) { losses.rows += 1 }
        } else {
          losses.rows += 1
        }
      } catch is RowDecodingError { losses.rows += 1 }
    }
  }

  /// The first key behind `last` of a row that can be read, found by leaping ever farther and then
  /// back by halves; nil where there is none.
  private func nextReadable(_ database: Database, behind last: Int64) throws -> Int64? {
    var (damaged, distance) = (Int64(0), Int64(1))
    var found: Int64?
    while found == nil {
      let (from, isBeyond) = last.addingReportingOverflow(distance)
      guard !isBeyond else { return nil }
      switch try probe(database, from) {
      case .row(let key): found = key
      case .none: return nil
      case .damaged:
        damaged = distance
        let (farther, isTooFar) = distance.multipliedReportingOverflow(by: 2)
        guard !isTooFar else { return nil }
        distance = farther
      }
    }
    while distance - damaged > 1 {
      let middle = damaged + (distance - damaged) / 2
      if case .row(let key) = try probe(database, last + middle) {
        (distance, found) = (middle, key)
      } else {
        damaged = middle
      }
    }
    return found
  }

  private enum Probe {
    case row(Int64)
    case none
    case damaged
  }

  private func probe(_ database: Database, _ from: Int64) throws -> Probe {
    do {
      let rows = try Row.fetchCursor(
        database, sql: "\(select) WHERE \(key) >= ? ORDER BY \(key) LIMIT 1", arguments: [from])
      return try withExtendedLifetime(rows) {
        guard let row = try rows.next() else { return .none }
        let key = try row.decode(Int64.self, atIndex: keyColumn)
        return key >= from ? .row(key) : .damaged
      }
    } catch let error as DatabaseError where error.isDamage {
      return .damaged
    } catch is RowDecodingError {
      return .damaged
    }
  }
}

extension DatabaseError {
  /// Whether it says that the file is not what was written.
  var isDamage: Bool {
    switch resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_IOERR, .SQLITE_FORMAT: true
    default: false
    }
  }
}
