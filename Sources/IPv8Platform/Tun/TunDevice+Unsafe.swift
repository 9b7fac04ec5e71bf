import CIPv8Linux
import Glibc
import IPv8Wire

/// A layer-3 interface of this machine whose packets come to a descriptor instead of a wire.
///
/// The interface goes when the last descriptor does. One thread reads or writes through one value;
/// ``duplicate()`` gives another thread its own.
public struct TunDevice: ~Copyable, Sendable {
  public let descriptor: FileDescriptor
  public let name: String
  public let interfaceIndex: InterfaceIndex
  /// What the kernel took of the offload that was asked for.
  public let grantedOffload: TunOffload

  /// Bytes of the largest packet that the kernel hands over.
  static let largest = 65_535

  /// Makes the interface `name`, still down. Needs CAP_NET_ADMIN.
  ///
  /// - Parameter multiQueue: lets ``addQueue()`` spread its flows over several descriptors.
  public init(
    name: String, offload: TunOffload = .none, multiQueue: Bool = false
  ) throws(TunError) {
    guard InterfaceName.isValid(name) else { throw .badName }
    // Exclusive: an interface that exists, even a persistent TUN without a reader, is not ours.
    let flags = CIPV8_TUN_EXCLUSIVE | (multiQueue ? CIPV8_TUN_MULTI_QUEUE : 0)
    let descriptor = try Self.attach(name, flags: Int32(flags))
    guard let index = InterfaceIndex(named: name) else {
      throw .system(SystemError(.tunAttach, errno: ENODEV))
    }
    grantedOffload = try Self.enable(offload, on: descriptor)
    self.descriptor = descriptor
    self.name = name
    interfaceIndex = index
  }

  private init(
    _ descriptor: consuming FileDescriptor, of device: borrowing TunDevice
  ) {
    self.descriptor = descriptor
    name = device.name
    interfaceIndex = device.interfaceIndex
    grantedOffload = device.grantedOffload
  }

  /// The same queue for another thread.
  public func duplicate() throws(SystemError) -> TunDevice {
    TunDevice(try descriptor.duplicate(), of: self)
  }

  /// One more queue of this device, which must have been made with `multiQueue`.
  public func addQueue() throws(TunError) -> TunDevice {
    let queue = try Self.attach(name, flags: Int32(CIPV8_TUN_MULTI_QUEUE))
    return TunDevice(queue, of: self)
  }

  private static func attach(_ name: String, flags: Int32) throws(TunError) -> FileDescriptor {
    do {
      let descriptor = try FileDescriptor.open("/dev/net/tun", O_RDWR | O_NONBLOCK)
      // Sound: the name is passed as a C string that lives for the call.
      try checked(.tunAttach, unsafe cipv8_tun_attach(descriptor.number, name, flags))
      try checked(
        .tunHeaderSize,
        cipv8_tun_set_header_size(descriptor.number, Int32(OffloadHeader.byteCount)))
      return descriptor
    } catch { throw TunError(error) }
  }

  private static func enable(
    _ offload: TunOffload, on descriptor: borrowing FileDescriptor
  ) throws(TunError) -> TunOffload {
    for attempt in offload.fallbacks {
      let result = cipv8_tun_set_offload(descriptor.number, attempt.rawValue)
      if result == 0 { return attempt }
      if result != -EINVAL { throw .system(SystemError(.tunOffload, errno: -result)) }
    }
    throw .system(SystemError(.tunOffload, errno: EINVAL))
  }

  /// Takes the packets that wait, until none is left, `limit` packets were read or the slots are
  /// used up. A slot takes further packets while it has room for the largest.
  ///
  /// Each IP packet begins at ``PacketSlab/headroom`` with its ``OffloadHeader`` just before it,
  /// and leaves ``PacketSlab/tailroom`` at the end of its slot. One longer than that is cut: the
  /// length in its IP header tells.
  ///
  /// - Parameter packets: replaced by where the IP packets lie.
  /// - Returns: whether more packets may wait.
  public func read(
    into slab: inout PacketSlab, packets: inout [PacketRange], limit: Int
  ) throws(SystemError) -> Bool {
    packets.removeAll(keepingCapacity: true)
    var (slot, offset) = (0, PacketSlab.headroom)
    while packets.count < limit {
      var room = slab.slotSize - offset - PacketSlab.tailroom
      if offset > PacketSlab.headroom, room < Self.largest {
        (slot, offset) = (slot + 1, PacketSlab.headroom)
        room = slab.slotSize - offset - PacketSlab.tailroom
      }
      guard slot < slab.slotCount else { return true }
      var packet = PacketRange(slot: slot, offset: offset, length: room)
      let frame = packet.grown(front: OffloadHeader.byteCount, back: 0)
      // Sound: the slab checks the range, and the length given is the range's.
      let count = unsafe Glibc.read(
        descriptor.number, slab.address(of: frame), Int(frame.length))
      guard count > OffloadHeader.byteCount else {
        if count >= 0 || errno == EAGAIN || errno == EINTR { return false }
        throw SystemError(.read, errno: errno)
      }
      packet.length = Int32(count - OffloadHeader.byteCount)
      packets.append(packet)
      // The next packet, its room in front aligned.
      let end = offset + Int(packet.length) + PacketSlab.tailroom
      offset = (end + PacketSlab.headroom + 15) / 16 * 16
    }
    return true
  }

  /// Hands IP packets to the kernel as received from the wire; in front of each, the caller has
  /// stored its ``OffloadHeader``.
  ///
  /// - Returns: how many packets the kernel refused: its queue was full, the interface is down, or
  ///   they are no IP packets that fit their header.
  /// - Throws: when the device is gone.
  public func write(
    _ packets: [PacketRange], from slab: borrowing PacketSlab
  ) throws(SystemError) -> Int {
    var dropped = 0
    for packet in packets {
      let frame = packet.grown(front: OffloadHeader.byteCount, back: 0)
      // Sound: the slab checks the range, and the length given is the range's.
      let count = unsafe Glibc.write(
        descriptor.number, slab.address(of: frame), Int(frame.length))
      guard count < 0 else { continue }
      switch errno {
      case EAGAIN, EINTR, ENOBUFS, ENOMEM, EINVAL, EIO, EMSGSIZE: dropped += 1
      default: throw SystemError(.write, errno: errno)
      }
    }
    return dropped
  }
}

extension TunError {
  init(_ error: SystemError) {
    self =
      switch (error.call, error.errno) {
      case (.open, ENOENT), (.open, ENODEV), (.open, ENXIO), (.tunAttach, ENODEV): .noDevice
      case (_, EPERM), (_, EACCES): .notPermitted
      case (.tunAttach, EBUSY), (.tunAttach, EEXIST): .nameTaken
      case (.tunAttach, EINVAL): .badName
      default: .system(error)
      }
  }
}
