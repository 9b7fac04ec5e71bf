import IPv8Wire

/// Whose address it is: the body of a control frame of kind `query` (docs/protocol/directory.md).
///
///     request(8) ‖ hops(1) ‖ the last 14 bytes of the overlay address
public struct QueryMessage: Equatable, Sendable {
  /// How often a question may be passed on: it goes over three sessions at most.
  public static let hopLimit: UInt8 = 2

  /// Chosen at random by who asks first; the same on all ways.
  public let request: UInt64
  /// How often it may still be passed on.
  public let hops: UInt8
  public let address: OverlayAddress

  public init(request: UInt64, hops: UInt8, address: OverlayAddress) {
    self.request = request
    self.hops = hops
    self.address = address
  }

  /// Nil where the bytes are no question.
  public init?(_ body: [UInt8]) {
    guard body.count == 23, body[8] <= Self.hopLimit else { return nil }
    let span = body.rawSpan
    let tail =
      UInt128(span.bigEndian(UInt64.self, at: 9)) << 48
      | UInt128(span.bigEndian(UInt32.self, at: 17)) << 16
      | UInt128(span.bigEndian(UInt16.self, at: 21))
    guard let address = OverlayAddress(IPv6Address(0xfde8 << 112 | tail)) else { return nil }
    self.init(request: span.bigEndian(UInt64.self, at: 0), hops: body[8], address: address)
  }

  public var body: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: request)
    bytes.append(hops)
    bytes.append(bigEndian: UInt64(truncatingIfNeeded: address.value >> 48))
    bytes.append(bigEndian: UInt32(truncatingIfNeeded: address.value >> 16))
    bytes.append(bigEndian: UInt16(truncatingIfNeeded: address.value))
    return bytes
  }
}

/// What became of a question: the body of a control frame of kind `answer`.
///
///     request(8) ‖ binding record with its signature; nothing: not known here, nor to whom it was passed
public struct AnswerMessage: Equatable, Sendable {
  public let request: UInt64
  /// Signed by the address's owner; empty: nobody knows.
  public let binding: [UInt8]

  public init(request: UInt64, binding: [UInt8]) {
    self.request = request
    self.binding = binding
  }

  /// Nil where the bytes are no answer.
  public init?(_ body: [UInt8]) {
    guard body.count >= 8, body.count <= 8 + BindingRecord.byteLimit else { return nil }
    request = body.rawSpan.bigEndian(UInt64.self, at: 0)
    binding = [UInt8](body[8...])
  }

  public var body: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: request)
    return bytes + binding
  }
}
