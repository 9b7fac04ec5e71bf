/// The findings of one call as a table or as JSON.
struct Report {
  let seed: UInt64
  let options: Options
  let findings: [Finding]

  private static let heads = ["", "ns", "min", "max", "allocations", "per"]

  /// A Markdown table.
  var table: String {
    var rows = [Self.heads]
    for finding in findings {
      let time = finding.nanoseconds
      rows.append([
        finding.name, Self.fixed(time.median), Self.fixed(time.minimum), Self.fixed(time.maximum),
        Self.exact(finding.allocations), finding.unit,
      ])
    }
    let widths = Self.heads.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    var lines = rows.map { row in
      let cells = row.enumerated().map { column, text in
        let padding = String(repeating: " ", count: widths[column] - text.count)
        return (1...4).contains(column) ? padding + text : text + padding
      }
      return "| " + cells.joined(separator: " | ") + " |"
    }
    let rule = widths.enumerated().map { column, width in
      String(repeating: "-", count: width + 1) + ((1...4).contains(column) ? ":" : "-")
    }
    lines.insert("|" + rule.joined(separator: "|") + "|", at: 1)
    return lines.joined(separator: "\n")
  }

  var json: String {
    let items = findings.map { finding in
      let time = finding.nanoseconds
      return """
            {"name": \(Self.quoted(finding.name)), "unit": \(Self.quoted(finding.unit)),
             "nanoseconds": {"median": \(Self.fixed(time.median)), \
        "min": \(Self.fixed(time.minimum)), "max": \(Self.fixed(time.maximum))},
             "allocations": \(Self.exact(finding.allocations))}
        """
    }
    return """
      {
        "seed": \(seed),
        "repetitions": \(options.repetitions),
        "milliseconds": \(options.milliseconds),
        "benchmarks": [
      \(items.joined(separator: ",\n"))
        ]
      }
      """
  }

  private static func quoted(_ text: String) -> String { "\"\(text)\"" }

  /// With one decimal.
  private static func fixed(_ number: Double) -> String {
    "\((number * 10).rounded() / 10)"
  }

  /// With three decimals; "0" for nothing at all.
  private static func exact(_ number: Double) -> String {
    number == 0 ? "0" : "\(max(0.001, (number * 1000).rounded() / 1000))"
  }
}
