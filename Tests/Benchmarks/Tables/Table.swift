/// The figure below which the given share of all lies.
public func quantile(_ figures: [Double], _ share: Double) -> Double {
  let sorted = figures.sorted()
  guard !sorted.isEmpty else { return 0 }
  return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
}

/// Three significant digits.
public func text(_ figure: Double) -> String {
  guard figure != 0 else { return "0" }
  var scale = 1.0
  while abs(figure) * scale < 100, scale < 1e9 { scale *= 10 }
  let rounded = (figure * scale).rounded() / scale
  return rounded == rounded.rounded() && abs(rounded) < 1e15
    ? "\(Int64(rounded))" : "\(rounded)"
}

/// A Markdown table, its first row the head.
public func table(_ rows: [[String]]) -> String {
  let widths = (rows.first ?? []).indices.map { column in
    rows.map { $0[column].count }.max() ?? 0
  }
  var lines = rows.map { row in
    let cells = zip(row, widths).enumerated().map { column, cell in
      let padding = String(repeating: " ", count: cell.1 - cell.0.count)
      return column == 0 ? cell.0 + padding : padding + cell.0
    }
    return "| " + cells.joined(separator: " | ") + " |"
  }
  let rule = widths.enumerated().map { column, width in
    String(repeating: "-", count: width + 1) + (column == 0 ? "-" : ":")
  }
  lines.insert("|" + rule.joined(separator: "|") + "|", at: 1)
  return lines.joined(separator: "\n")
}
