/// The query of a URI, `name=value` joined by `&`, each percent-encoded (RFC 3986 §3.4).
struct QueryItems: Sendable {
  private let items: [Substring]

  /// - Parameter uri: everything behind the first `?` is the query.
  init(uri: String) {
    let query = uri.drop { $0 != "?" }.dropFirst()
    items = query.split(separator: "&")
  }

  init(_ items: [(String, String)]) {
    self.items = items.map { Substring("\($0.0)=\(PathSegment($0.1).encoded)") }
  }

  var encoded: String { items.joined(separator: "&") }

  /// The value of `name`; nil where it is not given, an error where it is given twice or is no text.
  func value(_ name: String) throws(ControlError) -> String? {
    let prefix = name + "="
    let found = items.filter { $0.hasPrefix(prefix) }
    guard let item = found.first else { return nil }
    guard found.count == 1, let text = PathSegment(encoded: item.dropFirst(prefix.count)).text
    else { throw ControlError(.requestMalformed, "parameter \(name)") }
    return text
  }
}
