/// An IP packet in parts, as a kernel has it before segmentation: the oracle of the tests, which
/// builds what the kernel hands to the TUN, and what it would have put on a wire instead.
public struct KernelPacket: Sendable {
  public enum Transport: Equatable, Sendable {
    case tcp(sequence: UInt32, flags: UInt8, options: [UInt8])
    case udp
    /// An echo request of ICMP or ICMPv6.
    case echo(identifier: UInt16, sequence: UInt16)
    /// Another protocol, whose payload is all there is.
    case other(UInt8)
  }

  /// An IPv6 extension header (RFC 8200 §4): what follows its next header and length, 6 bytes or
  /// that and a multiple of 8.
  public struct Extension: Equatable, Sendable {
    public static let hopByHop: UInt8 = 0
    public static let routing: UInt8 = 43
    public static let destination: UInt8 = 60

    public let number: UInt8
    public let content: [UInt8]

    public init(_ number: UInt8, _ content: [UInt8]) {
      precondition(content.count % 8 == 6, "whole units of 8 bytes")
      (self.number, self.content) = (number, content)
    }

    /// One option that says nothing: padding, or where that may not be so long (RFC 4942 §2.1.9.5)
    /// the experimental one that who does not know it passes over (RFC 4727).
    public static func padding(_ number: UInt8, units: Int = 1) -> Extension {
      let count = 8 * units - 2
      let option: UInt8 = units == 1 ? 1 : 0x1e
      return Extension(
        number, [option, UInt8(count - 2)] + [UInt8](repeating: 0, count: count - 2))
    }
  }

  /// 4 or 16 bytes each.
  public var source: [UInt8]
  public var destination: [UInt8]
  public var ports: (UInt16, UInt16) = (40_000, 443)
  /// Traffic class, or type of service, ECN bits included.
  public var trafficClass: UInt8 = 0
  public var hopLimit: UInt8 = 64
  /// Counted up from segment to segment (IPv4).
  public var identification: UInt16 = 0
  public var dontFragment = true
  /// IPv4 options.
  public var options: [UInt8] = []
  public var extensions: [Extension] = []
  public var transport: Transport
  public var payload: [UInt8]
  /// Payload bytes of each segment; 0 where the packet is not to be cut.
  public var gsoSize = 0
  /// Without it, UDP says 0 (RFC 768).
  public var hasChecksum = true

  public init(
    source: [UInt8], destination: [UInt8], transport: Transport, payload: [UInt8], gsoSize: Int = 0
  ) {
    self.source = source
    self.destination = destination
    self.transport = transport
    self.payload = payload
    self.gsoSize = gsoSize
  }

  public var isIPv6: Bool { source.count == 16 }
  public var isTCP: Bool { if case .tcp = transport { true } else { false } }

  /// Up to the transport header.
  public var ipLength: Int {
    isIPv6 ? 40 + extensions.reduce(0) { $0 + 2 + $1.content.count } : 20 + options.count
  }

  public var transportLength: Int {
    switch transport {
    case .tcp(_, _, let options): 20 + options.count
    case .udp, .echo: 8
    case .other: 0
    }
  }

  var number: UInt8 {
    switch transport {
    case .tcp: 6
    case .udp: 17
    case .echo: isIPv6 ? 58 : 1
    case .other(let number): number
    }
  }

  /// In the transport header; nil where there is none.
  var checksumOffset: Int? {
    switch transport {
    case .tcp: 16
    case .udp: 6
    case .echo: 2
    case .other: nil
    }
  }
}
