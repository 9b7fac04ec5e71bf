import IPv8Wire

/// One end of a stream of datagrams: the bytes within TLS (docs/protocol/streams.md).
///
/// Both ends agree on a WebSocket, at a path that only those who know the server's PermID can name;
/// then each binary message is one datagram. Anything else that comes ends it.
public struct StreamLink: Sendable {
  /// Bytes of a datagram: those of a usual MTU with room to spare, as UDP's that come unclaimed.
  public static let datagramLimit = 2_048
  /// Fragments that a proxy may make of one message.
  static let fragmentLimit = 16

  public enum Output: Sendable, Equatable {
    case send([UInt8])
    /// From now on datagrams go both ways.
    case opened
    case datagram([UInt8])
    /// Nothing more comes: send what is to be sent, and close.
    case closed
  }

  private enum Phase: Equatable { case opening, open, closed }

  private enum Role: Sendable {
    case client(key: String)
    case server
  }

  private let role: Role
  private let path: String
  private let host: String
  private var phase = Phase.opening
  /// For masks, which are to keep browsers' scripts from choosing what proxies see (RFC 6455 §10.3):
  /// here TLS does.
  private var random: SeededRandom
  private var input: [UInt8] = []
  /// A message whose end has not come.
  private var fragments: (count: Int, bytes: [UInt8])?

  /// The end that dials.
  ///
  /// - Parameter host: for the server's eyes, with the port where it is not 443.
  public init(dialling host: String, path: String, seed: UInt64) {
    self.path = path
    self.host = host
    random = SeededRandom(seed: seed)
    var key: [UInt8] = []
    for _ in 0..<WebSocketHandshake.keyByteCount / 8 { key.append(bigEndian: random.next()) }
    role = .client(key: Base64.encode(key))
  }

  /// The end that was dialled.
  public init(serving path: String) {
    self.path = path
    host = ""
    random = SeededRandom(seed: 0)
    role = .server
  }

  public var isOpen: Bool { phase == .open }

  /// What the end that dials says first.
  public var request: [UInt8] {
    guard case .client(let key) = role else { return [] }
    return WebSocketHandshake.request(path: path, host: host, key: key)
  }

  // MARK: Out

  /// A datagram of at most ``datagramLimit`` bytes as the bytes that carry it.
  public mutating func message(_ datagram: [UInt8]) -> [UInt8] { frame(.binary, datagram) }

  /// What keeps proxies and NATs from forgetting the connection.
  public mutating func ping() -> [UInt8] { frame(.ping, []) }

  /// What ends the stream in order.
  public mutating func close() -> [UInt8] {
    phase = .closed
    return frame(.close, [])
  }

  private mutating func frame(_ opcode: WebSocketFrame.Opcode, _ payload: [UInt8]) -> [UInt8] {
    guard case .client = role else {
      return WebSocketFrame.bytes(opcode, payload, mask: nil)
    }
    let mask = UInt32(truncatingIfNeeded: random.next())
    return WebSocketFrame.bytes(opcode, payload, mask: mask)
  }

  // MARK: In

  public mutating func receive(_ bytes: [UInt8], into outputs: inout [Output]) {
    guard phase != .closed else { return }
    input += bytes
    if phase == .opening { receiveHead(into: &outputs) }
    guard phase == .open else { return }
    var start = 0
    while phase == .open, start < input.count {
      do throws(WebSocketFrame.Failure) {
        let frame = try WebSocketFrame(
          input.rawSpan.extracting(start..<input.count), limit: Self.datagramLimit)
        let payload = (start + frame.payload.lowerBound)..<(start + frame.payload.upperBound)
        take(frame, payload, into: &outputs)
        start = payload.upperBound
      } catch {
        if error == .malformed { fail(into: &outputs) }
        break
      }
    }
    input.removeFirst(min(start, input.count))
  }

  private mutating func receiveHead(into outputs: inout [Output]) {
    switch role {
    case .client(let key):
      switch WebSocketHandshake.accepts(response: input, to: key) {
      case .incomplete: return
      case .whole(true, let next): open(at: next, into: &outputs)
      case .whole, .malformed: fail(into: &outputs)
      }
    case .server:
      switch WebSocketHandshake.key(inRequest: input, path: path) {
      case .incomplete: return
      case .whole(let key?, let next):
        outputs.append(.send(WebSocketHandshake.response(to: key)))
        open(at: next, into: &outputs)
      case .whole, .malformed:
        outputs.append(.send(WebSocketHandshake.notFound))
        fail(into: &outputs)
      }
    }
  }

  private mutating func open(at next: Int, into outputs: inout [Output]) {
    phase = .open
    input.removeFirst(next)
    outputs.append(.opened)
  }

  private mutating func fail(into outputs: inout [Output]) {
    phase = .closed
    input = []
    fragments = nil
    outputs.append(.closed)
  }

  private mutating func take(
    _ frame: WebSocketFrame, _ payload: Range<Int>, into outputs: inout [Output]
  ) {
    var bytes = Array(input[payload])
    switch (role, frame.mask) {
    case (.server, let mask?): WebSocketFrame.apply(mask, to: &bytes, from: 0)
    case (.client, nil): break
    // Clients mask, servers do not (RFC 6455 §5.1).
    default: return fail(into: &outputs)
    }
    switch frame.opcode {
    case .binary where fragments == nil: join(bytes, isFinal: frame.isFinal, into: &outputs)
    case .continuation where fragments != nil:
      join(bytes, isFinal: frame.isFinal, into: &outputs)
    case .ping: outputs.append(.send(self.frame(.pong, bytes)))
    case .pong: break
    case .close:
      outputs.append(.send(self.frame(.close, [])))
      fail(into: &outputs)
    case .text, .binary, .continuation: fail(into: &outputs)
    }
  }

  private mutating func join(_ bytes: [UInt8], isFinal: Bool, into outputs: inout [Output]) {
    let earlier = fragments ?? (0, [])
    guard earlier.count < Self.fragmentLimit,
      earlier.bytes.count + bytes.count <= Self.datagramLimit
    else { return fail(into: &outputs) }
    let joined = earlier.bytes.isEmpty ? bytes : earlier.bytes + bytes
    fragments = isFinal ? nil : (earlier.count + 1, joined)
    if isFinal, !joined.isEmpty { outputs.append(.datagram(joined)) }
  }
}
