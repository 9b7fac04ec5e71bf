import BenchmarkTables
import Glibc

/// A plot of some lines over a logarithmic x, and a y that is logarithmic, too.
struct Chart {
  struct Line {
    let name: String
    let points: [(x: Double, y: Double)]

    init(_ name: String, _ points: [(Double, Double)]) {
      self.name = name
      self.points = points.filter { $0.0 > 0 && $0.1 > 0 }
    }
  }

  let title: String
  let x: String
  let lines: [Line]
  private static let (width, height, margin) = (640.0, 360.0, 60.0)
  private static let colours = ["#1b6ca8", "#c8553d", "#3c7a3c"]

  init(title: String, x: String, lines: [Line]) {
    self.title = title
    self.x = x
    self.lines = lines
  }

  func write(to path: String) {
    guard let file = fopen(path, "w") else { leave("cannot write \(path)") }
    fputs(svg, file)
    fclose(file)
  }

  private func decades(_ values: [Double]) -> ClosedRange<Double> {
    let low = log10(values.min() ?? 1).rounded(.down)
    let high = log10(values.max() ?? 10).rounded(.up)
    return low...max(high, low + 1)
  }

  private var svg: String {
    let all = lines.flatMap(\.points)
    let (xs, ys) = (decades(all.map(\.x)), decades(all.map(\.y)))
    func place(_ x: Double, _ y: Double) -> (Double, Double) {
      let (w, h, m) = (Self.width - 2 * Self.margin, Self.height - 2 * Self.margin, Self.margin)
      let right = (log10(x) - xs.lowerBound) / (xs.upperBound - xs.lowerBound)
      let up = (log10(y) - ys.lowerBound) / (ys.upperBound - ys.lowerBound)
      return (m + w * right, Self.height - m - h * up)
    }
    var parts: [String] = []
    func label(_ x: Double, _ y: Double, _ text: String, _ anchor: String, _ fill: String = "#333")
    {
      parts.append(
        "<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\" fill=\"\(fill)\">\(text)</text>")
    }
    label(Self.margin, 24, title, "start")
    label(Self.width - Self.margin, Self.height - 12, x, "end")
    for decade in Int(xs.lowerBound)...Int(xs.upperBound) {
      let (x, bottom) = place(pow(10, Double(decade)), pow(10, ys.lowerBound))
      label(x, bottom + 18, text(pow(10, Double(decade))), "middle")
    }
    for decade in Int(ys.lowerBound)...Int(ys.upperBound) {
      let (left, y) = place(pow(10, xs.lowerBound), pow(10, Double(decade)))
      label(left - 6, y + 4, text(pow(10, Double(decade))), "end")
      parts.append(
        "<path d=\"M\(left) \(y)H\(Self.width - Self.margin)\" stroke=\"#ccc\" fill=\"none\"/>")
    }
    for (number, line) in lines.enumerated() {
      let colour = Self.colours[number % Self.colours.count]
      let places = line.points.map { place($0.x, $0.y) }
      let path = places.map { "\($0.0),\($0.1)" }.joined(separator: " ")
      parts.append(
        "<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\"/>")
      for (x, y) in places {
        parts.append("<circle cx=\"\(x)\" cy=\"\(y)\" r=\"3\" fill=\"\(colour)\"/>")
      }
      label(Self.width - Self.margin, 24 + 16 * Double(number), line.name, "end", colour)
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.width)" height="\(Self.height)" \
      font-family="sans-serif" font-size="12">
      \(parts.joined(separator: "\n"))
      </svg>

      """
  }
}
