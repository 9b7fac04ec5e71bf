/// The opening handshake of WebSocket (RFC 6455 §4), inside TLS.
public enum WebSocketHandshake {
  public static let keyByteCount = 16
  /// Bytes of a head that is waited for.
  public static let headLimit = HTTPHead.byteLimit

  /// - Parameters:
  ///   - host: for the Host field, the port with it where it is not 443.
  ///   - key: 16 bytes of chance, in base64.
  public static func request(path: String, host: String, key: String) -> [UInt8] {
    let lines = [
      "GET \(path) HTTP/1.1", "Host: \(host)", "Upgrade: websocket", "Connection: Upgrade",
      "Sec-WebSocket-Key: \(key)", "Sec-WebSocket-Version: 13", "", "",
    ]
    return [UInt8](lines.joined(separator: "\r\n").utf8)
  }

  /// What a server accepts a request with.
  public static func response(to key: String) -> [UInt8] {
    let lines = [
      "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
      "Sec-WebSocket-Accept: \(accept(key))", "", "",
    ]
    return [UInt8](lines.joined(separator: "\r\n").utf8)
  }

  /// What a plain web server without this page says.
  public static let notFound = [UInt8](
    [
      "HTTP/1.1 404 Not Found", "Content-Type: text/plain", "Content-Length: 10",
      "Connection: close", "", "Not Found\n",
    ].joined(separator: "\r\n").utf8)

  /// A head that has arrived, and where what follows it begins.
  public enum Reading<Value: Sendable & Equatable>: Sendable, Equatable {
    case incomplete
    /// Nil for a head that asks or says something else.
    case whole(Value?, next: Int)
    case malformed
  }

  /// The key of a request for a WebSocket at `path`.
  public static func key(inRequest bytes: [UInt8], path: String) -> Reading<String> {
    read(bytes) { head in
      let words = head.start.split(separator: " ", omittingEmptySubsequences: false)
      guard words.count == 3, words[0] == "GET", words[1] == path, words[2] == "HTTP/1.1",
        head.value("upgrade")?.lowercased() == "websocket", head.asksUpgrade,
        head.value("sec-websocket-version") == "13", let key = head.value("sec-websocket-key"),
        key.utf8.count == 24
      else { return nil }
      return key
    }
  }

  /// Whether a response accepts the request with `key`.
  public static func accepts(response bytes: [UInt8], to key: String) -> Reading<Bool> {
    read(bytes) { head in
      head.status == 101 && head.value("upgrade")?.lowercased() == "websocket"
        && head.asksUpgrade && head.value("sec-websocket-accept") == accept(key)
    }
  }

  /// The status of a proxy's response to CONNECT.
  public static func status(ofResponse bytes: [UInt8]) -> Reading<Int> { read(bytes, \.status) }

  private static func read<Value>(
    _ bytes: [UInt8], _ value: (HTTPHead) -> Value?
  ) -> Reading<Value> {
    if let head = HTTPHead(bytes) { return .whole(value(head), next: head.byteCount) }
    // Binary bytes and endless heads are not waited for.
    let isText = bytes.prefix(headLimit).allSatisfy {
      $0 >= 0x20 || $0 == 9 || $0 == 10 || $0 == 13
    }
    let isEnded = bytes.holdsEmptyLine
    return isText && !isEnded && bytes.count < headLimit ? .incomplete : .malformed
  }

  static func accept(_ key: String) -> String {
    Base64.encode(SHA1.hash([UInt8]((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
  }
}

extension HTTPHead {
  fileprivate var asksUpgrade: Bool {
    value("connection")?.lowercased().split(separator: ",").contains {
      $0.trimmingBlanks == "upgrade"
    } ?? false
  }

  /// Of a response; nil where the start line is none.
  fileprivate var status: Int? {
    let words = start.split(separator: " ", maxSplits: 2)
    guard words.count >= 2, words[0] == "HTTP/1.1" || words[0] == "HTTP/1.0",
      words[1].utf8.count == 3, let status = decimal(words[1], atMost: 599), status >= 100
    else { return nil }
    return status
  }
}

extension Substring {
  fileprivate var trimmingBlanks: Substring {
    drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
  }
}

extension [UInt8] {
  /// Whether an empty line ends the head that they begin with.
  fileprivate var holdsEmptyLine: Bool {
    var isEmpty = true
    for byte in self where byte != UInt8(ascii: "\r") {
      if byte == UInt8(ascii: "\n") {
        if isEmpty { return true }
        isEmpty = true
      } else {
        isEmpty = false
      }
    }
    return false
  }
}
