/// What of HTTP/1.1 (RFC 9112) UPnP needs: one request on a connection that is then closed, and its
/// whole response as bytes.
public struct HTTPResponse: Sendable, Equatable {
  /// Bytes of a response that are looked at.
  public static let byteLimit = 65_536
  static let headerLimit = 64

  public let status: Int
  /// Names in lower case, values without blanks at the ends.
  public let headers: [(name: String, value: String)]
  public let body: [UInt8]

  /// The first header of a name in lower case.
  public func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

  /// Nil where the bytes are no complete response, or too many.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count <= Self.byteLimit, let head = HTTPHead(bytes),
      let start = head.start.split(separator: " ", maxSplits: 2).first,
      start == "HTTP/1.1" || start == "HTTP/1.0",
      let code = head.start.split(separator: " ", maxSplits: 2).dropFirst().first,
      code.utf8.count == 3, let status = decimal(code, atMost: 599), status >= 100
    else { return nil }
    self.status = status
    headers = head.headers
    let rest = bytes[head.byteCount...]
    if head.value("transfer-encoding")?.lowercased() == "chunked" {
      guard let body = Self.chunks(rest) else { return nil }
      self.body = body
    } else if let length = head.value("content-length") {
      guard let count = decimal(length, atMost: Self.byteLimit), count <= rest.count else {
        return nil
      }
      body = [UInt8](rest.prefix(count))
    } else {
      body = [UInt8](rest)
    }
  }

  public static func == (a: HTTPResponse, b: HTTPResponse) -> Bool {
    a.status == b.status && a.body == b.body
      && a.headers.elementsEqual(b.headers) { $0.name == $1.name && $0.value == $1.value }
  }

  /// Chunked transfer coding (RFC 9112 §7.1); extensions and trailers are skipped.
  private static func chunks(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
    var body: [UInt8] = []
    var rest = bytes
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      let line = String(decoding: rest[rest.startIndex..<end], as: UTF8.self)
      let digits = line.prefix { $0.isHexDigit }
      guard (1...6).contains(digits.utf8.count), let count = Int(digits, radix: 16) else {
        return nil
      }
      rest = rest[(end + 1)...]
      if count == 0 { return body }
      guard rest.count >= count else { return nil }
      body += rest.prefix(count)
      rest = rest.dropFirst(count)
      if rest.first == UInt8(ascii: "\r") { rest = rest.dropFirst() }
      guard rest.first == UInt8(ascii: "\n") else { return nil }
      rest = rest.dropFirst()
    }
    return nil
  }
}

/// A start line and headers, up to the empty line.
struct HTTPHead {
  static let byteLimit = 8_192

  let start: String
  let headers: [(name: String, value: String)]
  /// Bytes up to the body.
  let byteCount: Int

  init?(_ bytes: [UInt8]) {
    var lines: [String] = []
    var lineStart = 0
    var end: Int?
    for (offset, byte) in bytes.prefix(Self.byteLimit).enumerated()
    where byte == UInt8(ascii: "\n") {
      let stop = offset > lineStart && bytes[offset - 1] == UInt8(ascii: "\r") ? offset - 1 : offset
      let line = bytes[lineStart..<stop]
      lineStart = offset + 1
      if line.isEmpty {
        end = offset + 1
        break
      }
      guard lines.count <= HTTPResponse.headerLimit else { return nil }
      lines.append(String(decoding: line, as: UTF8.self))
    }
    guard let end, let first = lines.first else { return nil }
    var headers: [(name: String, value: String)] = []
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else { return nil }
      headers.append(
        (
          line[..<colon].lowercased(),
          String(Self.trimmed(line[line.index(after: colon)...]))
        ))
    }
    start = first
    self.headers = headers
    byteCount = end
  }

  func value(_ name: String) -> String? { headers.first { $0.name == name }?.value }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.first == " " || text.first == "\t" { text = text.dropFirst() }
    while text.last == " " || text.last == "\t" { text = text.dropLast() }
    return text
  }
}

/// An http:// URL whose host is an address: the only kind that a gateway's may be.
public struct HTTPLocation: Sendable, Hashable {
  static let pathLimit = 512

  public let endpoint: Endpoint
  /// Begins with a slash.
  public let path: String

  public init(endpoint: Endpoint, path: String) {
    self.endpoint = endpoint
    self.path = path
  }

  /// Nil for names instead of addresses, other schemes, user parts, and paths of other than
  /// visible ASCII.
  public init?(text: some StringProtocol) {
    guard text.prefix(7).lowercased() == "http://" else { return nil }
    let rest = text.dropFirst(7)
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    let host = rest[..<slash]
    let path = slash == rest.endIndex ? "/" : String(rest[slash...])
    guard Self.isPath(path) else { return nil }
    if let endpoint = Endpoint(text: host) {
      self.endpoint = endpoint
    } else if let address = IPv4Address(text: host) {
      endpoint = Endpoint(.v4(address), port: 80)
    } else {
      return nil
    }
    self.path = path
  }

  /// What `reference` means in a document that came from here: another URL, an absolute path, or
  /// one beside ours.
  public func resolving(_ reference: String) -> HTTPLocation? {
    if reference.contains("://") { return HTTPLocation(text: reference) }
    let directory = path[...(path.lastIndex(of: "/") ?? path.startIndex)]
    let path = reference.hasPrefix("/") ? reference : String(directory) + reference
    return Self.isPath(path) ? HTTPLocation(endpoint: endpoint, path: path) : nil
  }

  private static func isPath(_ path: String) -> Bool {
    path.utf8.count <= pathLimit && path.hasPrefix("/")
      && path.utf8.allSatisfy { (0x21...0x7e).contains($0) }
  }

  /// The bytes of a GET of this location.
  public var getRequest: [UInt8] {
    Array(
      "GET \(path) HTTP/1.1\r\nHost: \(endpoint)\r\nConnection: close\r\nAccept: text/xml\r\n\r\n"
        .utf8)
  }
}
