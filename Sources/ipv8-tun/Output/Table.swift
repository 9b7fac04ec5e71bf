/// Rows of text in aligned columns, two blanks between them.
struct Table {
  private var rows: [[String]] = []

  /// - Parameter header: the first row; none for key and value.
  init(_ header: String...) {
    if !header.isEmpty { rows.append(header) }
  }

  mutating func add(_ row: String...) { rows.append(row) }

  var text: String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        column == row.count - 1
          ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
      }
      return trimmed(cells.joined(separator: "  "))
    }.joined(separator: "\n")
  }

  private func trimmed(_ line: String) -> Substring {
    var line = Substring(line)
    while line.last == " " { line.removeLast() }
    return line
  }
}
