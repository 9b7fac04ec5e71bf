/// What a peer can do beyond version 1's minimum, told in the handshake: bits 0 to 3 are features,
/// bits 4 to 7 its lanes less one.
public struct PeerCapabilities: OptionSet, Sendable, Hashable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Takes packets whose transport checksum is partial (``Frame/chunk(_:)``).
  public static let chunks = PeerCapabilities(rawValue: 1)

  /// Takes packets in parts (``Frame/fragment(_:_:)``).
  public static let fragments = PeerCapabilities(rawValue: 2)

  /// What this implementation can do.
  public static let local: PeerCapabilities = [.chunks, .fragments]

  /// Threads that share the peer's sending, 1...16.
  public var lanes: Int { Int(rawValue >> 4) + 1 }

  public func with(lanes: Int) -> PeerCapabilities {
    precondition((1...SessionID.strandLimit).contains(lanes), "lanes fit their four bits")
    return PeerCapabilities(rawValue: rawValue & 0x0f | UInt8(lanes - 1) << 4)
  }
}

/// The payload of Noise message 1, sealed to the responder (protocol §2.2).
///
///     version(1) caps(1) aead offer(1) 0(1) initiator SID(4) time ms(8) PermID(32) [TLVs]
public struct InitiatorPayload: Equatable, Sendable {
  public static let version: UInt8 = 1

  public var capabilities: PeerCapabilities
  /// Bit n: suite n (`AEADOffer`).
  public var aeadOffer: UInt8
  public var sessionID: SessionID
  /// Strictly increasing from one handshake of this initiator to the next.
  public var time: WallTime
  public var permID: PermID
  public var extensions: HandshakeExtensions

  public init(
    capabilities: PeerCapabilities = [], aeadOffer: UInt8, sessionID: SessionID, time: WallTime,
    permID: PermID, extensions: HandshakeExtensions = HandshakeExtensions()
  ) {
    self.capabilities = capabilities
    self.aeadOffer = aeadOffer
    self.sessionID = sessionID
    self.time = time
    self.permID = permID
    self.extensions = extensions
  }

  /// Nil where the bytes are malformed, of another version, or name session 0.
  public init?(_ bytes: [UInt8]) {
    var reader = ByteReader(bytes.rawSpan)
    do throws(Truncated) {
      guard try reader.integer(UInt8.self) == Self.version else { return nil }
      capabilities = PeerCapabilities(rawValue: try reader.integer(UInt8.self))
      aeadOffer = try reader.integer(UInt8.self)
      _ = try reader.integer(UInt8.self)
      sessionID = SessionID(try reader.integer(UInt32.self))
      time = WallTime(milliseconds: try reader.integer(UInt64.self))
      guard let permID = PermID(try reader.array(PermID.byteCount)) else { return nil }
      self.permID = permID
      extensions = try HandshakeExtensions(&reader)
    } catch {
      return nil
    }
    guard sessionID != .none else { return nil }
  }

  public var bytes: [UInt8] {
    var bytes: [UInt8] = [Self.version, capabilities.rawValue, aeadOffer, 0]
    bytes.append(bigEndian: sessionID.value)
    bytes.append(bigEndian: time.milliseconds)
    bytes += permID.bytes
    extensions.append(to: &bytes)
    return bytes
  }
}

/// The payload of Noise message 2, sealed to the initiator (protocol §2.2).
///
///     version(1) caps(1) aead chosen(1) 0(1) responder SID(4) [TLVs]
public struct ResponderPayload: Equatable, Sendable {
  public var capabilities: PeerCapabilities
  /// The raw value of the chosen suite.
  public var aeadChosen: UInt8
  public var sessionID: SessionID
  public var extensions: HandshakeExtensions

  public init(
    capabilities: PeerCapabilities = [], aeadChosen: UInt8, sessionID: SessionID,
    extensions: HandshakeExtensions = HandshakeExtensions()
  ) {
    self.capabilities = capabilities
    self.aeadChosen = aeadChosen
    self.sessionID = sessionID
    self.extensions = extensions
  }

  /// Nil where the bytes are malformed, of another version, or name session 0.
  public init?(_ bytes: [UInt8]) {
    var reader = ByteReader(bytes.rawSpan)
    do throws(Truncated) {
      guard try reader.integer(UInt8.self) == InitiatorPayload.version else { return nil }
      capabilities = PeerCapabilities(rawValue: try reader.integer(UInt8.self))
      aeadChosen = try reader.integer(UInt8.self)
      _ = try reader.integer(UInt8.self)
      sessionID = SessionID(try reader.integer(UInt32.self))
      extensions = try HandshakeExtensions(&reader)
    } catch {
      return nil
    }
    guard sessionID != .none else { return nil }
  }

  public var bytes: [UInt8] {
    var bytes: [UInt8] = [InitiatorPayload.version, capabilities.rawValue, aeadChosen, 0]
    bytes.append(bigEndian: sessionID.value)
    extensions.append(to: &bytes)
    return bytes
  }
}

/// Type-length-value extensions of a handshake payload; unknown ones are skipped.
public struct HandshakeExtensions: Equatable, Sendable {
  /// A signed binding record: body ‖ signature.
  public var binding: [UInt8]?

  private static let bindingKind: UInt8 = 0x02

  public init(binding: [UInt8]? = nil) { self.binding = binding }

  init(_ reader: inout ByteReader) throws(Truncated) {
    while reader.remaining > 0 {
      let kind = try reader.integer(UInt8.self)
      let value = try reader.array(Int(try reader.integer(UInt16.self)))
      if kind == Self.bindingKind, value.count <= BindingRecord.byteLimit { binding = value }
    }
  }

  func append(to bytes: inout [UInt8]) {
    guard let binding else { return }
    bytes.append(Self.bindingKind)
    bytes.append(bigEndian: UInt16(binding.count))
    bytes += binding
  }
}
