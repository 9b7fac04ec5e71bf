import IPv8Wire

extension KernelPacket {
  /// Every segment as it would stand on a wire: complete headers, checksums from scratch.
  public var segments: [[UInt8]] {
    guard gsoSize > 0 else { return [segment(0, of: 1, payload)] }
    let starts = Array(stride(from: 0, to: payload.count, by: gsoSize))
    return starts.enumerated().map { index, start in
      segment(index, of: starts.count, Array(payload[start..<min(start + gsoSize, payload.count)]))
    }
  }

  /// As the kernel hands it over: the checksum covers the pseudo-header only.
  public var handedOver: [UInt8] {
    var transport = transportHeader(0, of: 1, payload.count) + payload
    if let checksumOffset {
      transport.put(NaiveChecksum.sum(pseudoHeader(transport.count)), at: checksumOffset)
    }
    return ipHeader(transport.count, 0) + transport
  }

  /// As the kernel says what is still to be done.
  public var offload: OffloadHeader {
    var type: OffloadHeader.Segmentation = .none
    if gsoSize > 0 { type = isTCP ? (isIPv6 ? .tcp6 : .tcp4) : .udp }
    var isECN = false
    if case .tcp(_, let flags, _) = transport { isECN = gsoSize > 0 && flags & 0x80 != 0 }
    return OffloadHeader(
      flags: OffloadHeader.needsChecksum, gsoType: type.rawValue | (isECN ? 0x80 : 0),
      headerLength: UInt16(ipLength + transportLength), gsoSize: UInt16(gsoSize),
      checksumStart: UInt16(ipLength), checksumOffset: UInt16(checksumOffset ?? 0))
  }

  /// The complete packet cut into IP fragments of `size` payload bytes, a multiple of 8.
  public func fragments(of size: Int) -> [[UInt8]] {
    precondition(size % 8 == 0 && gsoSize == 0, "fragments of one packet")
    let whole = segments[0]
    // Destination options are for the destination alone, and so fragmented with what they precede.
    let kept = extensions.prefix { $0.number != Extension.destination }
    let header = isIPv6 ? 40 + kept.reduce(0) { $0 + 2 + $1.content.count } : ipLength
    let next = extensions.count > kept.count ? Extension.destination : number
    let body = Array(whole[header...])
    return stride(from: 0, to: body.count, by: size).map { at in
      let part = Array(body[at..<min(at + size, body.count)])
      let isLast = at + size >= body.count
      var packet = Array(whole[..<header])
      if isIPv6 {
        // The header before names the fragment header (44) as the next.
        let names = kept.isEmpty ? 6 : header - 2 - (kept.last?.content.count ?? 0)
        packet[names] = 44
        packet += [next, 0] + .big(UInt16(at) | (isLast ? 0 : 1)) + .big(UInt32(identification))
        packet.put(UInt16(packet.count - 40 + part.count), at: 4)
      } else {
        packet.put(UInt16(header + part.count), at: 2)
        packet.put(UInt16(at / 8) | (isLast ? 0 : 0x2000), at: 6)
        packet.put(0 as UInt16, at: 10)
        packet.put(NaiveChecksum.checksum(packet), at: 10)
      }
      return packet + part
    }
  }

  // MARK: Headers

  private func ipHeader(_ transportBytes: Int, _ index: Int) -> [UInt8] {
    if isIPv6 {
      let first = 0x6000_0000 | UInt32(trafficClass) << 20 | 0x12345
      let length = ipLength - 40 + transportBytes
      var header = [UInt8].big(first) + .big(UInt16(length))
      header += [extensions.first?.number ?? number, hopLimit] + source + destination
      for (index, part) in extensions.enumerated() {
        let next = index + 1 < extensions.count ? extensions[index + 1].number : number
        header += [next, UInt8((part.content.count + 2) / 8 - 1)] + part.content
      }
      return header
    }
    var header: [UInt8] = [0x40 | UInt8(ipLength / 4), trafficClass]
    header += .big(UInt16(ipLength + transportBytes)) + .big(identification &+ UInt16(index))
    header += [dontFragment ? 0x40 : 0, 0, hopLimit, number, 0, 0] + source + destination + options
    header.put(NaiveChecksum.checksum(header), at: 10)
    return header
  }

  private func transportHeader(_ index: Int, of count: Int, _ length: Int) -> [UInt8] {
    let ports = [UInt8].big(ports.0) + .big(ports.1)
    switch transport {
    case .udp: return ports + .big(UInt16(8 + length)) + [0, 0]
    case .echo(let identifier, let sequence):
      return [isIPv6 ? 128 : 8, 0, 0, 0] + .big(identifier) + .big(sequence)
    case .other: return []
    case .tcp(let sequence, var flags, let options):
      // PSH and FIN belong to the last segment, CWR to the first.
      if index < count - 1 { flags &= ~0x09 }
      if index > 0 { flags &= ~0x80 }
      let here = sequence &+ UInt32(index * max(gsoSize, 1))
      return ports + .big(index == 0 ? sequence : here) + .big(0x0102_0304 as UInt32)
        + [UInt8((20 + options.count) / 4) << 4, flags, 0x12, 0x34, 0, 0, 0, 0] + options
    }
  }

  private func pseudoHeader(_ length: Int) -> [UInt8] {
    number == 1 ? [] : NaiveChecksum.pseudoHeader(source, destination, number, length)
  }

  private func segment(_ index: Int, of count: Int, _ payload: [UInt8]) -> [UInt8] {
    var transport = transportHeader(index, of: count, payload.count) + payload
    if let checksumOffset, hasChecksum {
      var sum = NaiveChecksum.checksum(pseudoHeader(transport.count) + transport)
      if sum == 0, number == 17 { sum = 0xffff }
      transport.put(sum, at: checksumOffset)
    }
    return ipHeader(transport.count, index) + transport
  }
}
