import TestVectors

/// An IPv4 packet in parts, from which its bytes are built with all checksums fresh: the oracle of
/// the translation's tests.
struct PacketSample {
  enum Payload {
    case tcp([UInt8])
    case udp([UInt8], checksum: Bool)
    case echo([UInt8])
    /// DCCP and UDP-Lite have their checksum where UDP has it.
    case other(UInt8, [UInt8])
    /// A later fragment: any bytes.
    case fragment(UInt8, [UInt8])
    /// Type, code and what is quoted; `kept` bytes of the quote are there.
    indirect case error(UInt8, PacketSample, kept: Int)
  }

  var source: UInt32
  var destination: UInt32
  var options: [UInt8] = []
  var payload: Payload

  var bytes: [UInt8] {
    let (number, content) = transport
    let header = 20 + options.count
    let total = header + content.count
    let isFragment = if case .fragment = payload { true } else { false }
    var bytes: [UInt8] = [0x40 | UInt8(header / 4), 0, UInt8(total >> 8), UInt8(total & 0xff)]
    bytes += [0x12, 0x34, 0x20, isFragment ? 5 : 0, 61, number, 0, 0]
    bytes += Self.word(source) + Self.word(destination) + options
    Self.put(Self.checksum(bytes), into: &bytes, at: 10)
    return bytes + content
  }

  private var transport: (UInt8, [UInt8]) {
    switch payload {
    case .tcp(let data):
      let segment =
        [0x12, 0x34, 0, 22, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x10, 1, 0, 0, 0, 0, 0] + data
      return (6, withChecksum(segment, 6, at: 16))
    case .udp(let data, let checksum):
      let length = 8 + data.count
      let datagram = [0, 53, 0xc0, 1, UInt8(length >> 8), UInt8(length & 0xff), 0, 0] + data
      guard checksum else { return (17, datagram) }
      var sealed = withChecksum(datagram, 17, at: 6)
      if sealed[6] == 0, sealed[7] == 0 { (sealed[6], sealed[7]) = (0xff, 0xff) }
      return (17, sealed)
    case .echo(let data):
      var message = [8, 0, 0, 0, 0x11, 0x22, 0, 1] + data
      Self.put(Self.checksum(message), into: &message, at: 2)
      return (1, message)
    case .other(let number, let data):
      return (number, withChecksum([1, 2, 3, 4, 0, 0, 0, 0] + data, number, at: 6))
    case .fragment(let number, let data): return (number, data)
    case .error(let type, let quoted, let kept):
      var message = [type, 1, 0, 0, 0, 0, 0, 0] + quoted.bytes.prefix(kept)
      Self.put(Self.checksum(message), into: &message, at: 2)
      return (1, message)
    }
  }

  private func withChecksum(_ segment: [UInt8], _ number: UInt8, at offset: Int) -> [UInt8] {
    let pseudo =
      Self.word(source) + Self.word(destination)
      + [0, number, UInt8(segment.count >> 8), UInt8(segment.count & 0xff)]
    var segment = segment
    Self.put(Self.checksum(pseudo + segment), into: &segment, at: offset)
    return segment
  }

  private static func word(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
  }

  private static func put(_ value: UInt16, into bytes: inout [UInt8], at offset: Int) {
    bytes[offset] = UInt8(value >> 8)
    bytes[offset + 1] = UInt8(value & 0xff)
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt16 {
    var sum: UInt32 = 0
    for (index, byte) in bytes.enumerated() {
      sum += index % 2 == 0 ? UInt32(byte) << 8 : UInt32(byte)
      if sum > 0xffff { sum -= 0xffff }
    }
    return ~UInt16(sum)
  }
}

extension PacketSample {
  /// - Parameter depth: how many errors may be nested.
  static func random(
    _ random: inout TestRandom, source: UInt32, destination: UInt32, depth: Int = 1
  ) -> PacketSample {
    let data = random.bytes(Int(random.next() % 70))
    let payload: Payload
    switch random.next() % (depth > 0 ? 8 : 5) {
    case 0: payload = .tcp(data)
    case 1: payload = .udp(data, checksum: !random.oneIn(3))
    case 2: payload = .echo(data)
    case 3: payload = .other(random.oneIn(2) ? 33 : 136, data)
    case 4: payload = .fragment([1, 6, 17].randomElement(using: &random) ?? 6, data)
    default:
      // An error quotes what went the other way.
      let quoted = PacketSample.random(
        &random, source: destination, destination: source, depth: depth - 1)
      // The header always, as RFC 792 has it, and 8 bytes or any number behind it; but no half of
      // a transport checksum, for which there is no right answer.
      let behind = random.oneIn(2) ? 8 : Int(random.next() % 90)
      let kept = 20 + quoted.options.count + behind + (behind == 7 || behind == 17 ? 1 : 0)
      payload = .error([3, 4, 5, 11, 12].randomElement(using: &random) ?? 3, quoted, kept: kept)
    }
    return PacketSample(
      source: source, destination: destination,
      options: random.oneIn(4) ? random.bytes(4 * Int(1 + random.next() % 10)) : [],
      payload: payload)
  }

  /// The same packet between other addresses, in its quote too.
  func moved(source: UInt32, destination: UInt32) -> PacketSample {
    var copy = self
    (copy.source, copy.destination) = (source, destination)
    if case .error(let type, let quoted, let kept) = payload {
      copy.payload = .error(
        type, quoted.moved(source: destination, destination: source), kept: kept)
    }
    return copy
  }
}
