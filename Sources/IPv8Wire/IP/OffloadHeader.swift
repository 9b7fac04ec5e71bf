/// The header before each packet that crosses a TUN device: virtio_net_hdr (virtio 1.2 §5.1.6) in
/// the machine's byte order.
///
///     byte 0      1         2        4         6        8        10
///     +------+----------+--------+---------+--------+--------+
///     | flags | gsoType | header | segment | checksum        |
///     |       |         | length | size    | start  | offset |
///     +------+----------+--------+---------+--------+--------+
public struct OffloadHeader: Hashable, Sendable {
  public static let byteCount = 10

  /// The checksum at `checksumStart` + `checksumOffset` covers the pseudo-header only so far.
  public static let needsChecksum: UInt8 = 1
  /// The checksum has been verified.
  public static let checksumValid: UInt8 = 2

  /// Added to the segmentation of TCP that carries CWR, which only the first segment keeps.
  public static let congestion: UInt8 = 0x80

  /// What the packet is to be cut into (VIRTIO_NET_HDR_GSO_*).
  public enum Segmentation: UInt8, Sendable {
    case none = 0
    case tcp4 = 1
    case tcp6 = 4
    case udp = 5
  }

  /// Of a packet that stands for itself, checksums and all.
  public static let plain = OffloadHeader()

  public var flags: UInt8
  /// A ``Segmentation``, with ``congestion``.
  public var gsoType: UInt8
  /// Bytes of headers up to the payload.
  public var headerLength: UInt16
  /// Payload bytes of each segment.
  public var gsoSize: UInt16
  /// Where the checksum begins, in bytes from the start of the packet.
  public var checksumStart: UInt16
  /// Where the checksum is stored, in bytes from `checksumStart`.
  public var checksumOffset: UInt16

  public init(
    flags: UInt8 = 0, gsoType: UInt8 = 0, headerLength: UInt16 = 0, gsoSize: UInt16 = 0,
    checksumStart: UInt16 = 0, checksumOffset: UInt16 = 0
  ) {
    self.flags = flags
    self.gsoType = gsoType
    self.headerLength = headerLength
    self.gsoSize = gsoSize
    self.checksumStart = checksumStart
    self.checksumOffset = checksumOffset
  }

  /// The header at the front of `bytes`; traps when there are fewer than 10.
  public init(_ bytes: RawSpan) {
    // The fields are in the machine's byte order, which big-endian loads must undo.
    self.init(
      flags: bytes.bigEndian(UInt8.self, at: 0), gsoType: bytes.bigEndian(UInt8.self, at: 1),
      headerLength: bytes.bigEndian(UInt16.self, at: 2).bigEndian,
      gsoSize: bytes.bigEndian(UInt16.self, at: 4).bigEndian,
      checksumStart: bytes.bigEndian(UInt16.self, at: 6).bigEndian,
      checksumOffset: bytes.bigEndian(UInt16.self, at: 8).bigEndian)
  }

  /// Stores the header at the front of `bytes`; traps when there are fewer than 10.
  public func encode(into bytes: inout MutableRawSpan) {
    bytes.storeBytes(of: flags, toByteOffset: 0, as: UInt8.self)
    bytes.storeBytes(of: gsoType, toByteOffset: 1, as: UInt8.self)
    bytes.storeBytes(of: headerLength, toByteOffset: 2, as: UInt16.self)
    bytes.storeBytes(of: gsoSize, toByteOffset: 4, as: UInt16.self)
    bytes.storeBytes(of: checksumStart, toByteOffset: 6, as: UInt16.self)
    bytes.storeBytes(of: checksumOffset, toByteOffset: 8, as: UInt16.self)
  }
}
