import IPv8Wire

enum P2TPFuzz {
  static func datagram(_ bytes: [UInt8]) {
    let offset: Int
    switch DatagramKind(bytes.rawSpan) {
    case .opening: offset = P2TPHeader.byteCount
    case .openedOptions: offset = DatagramKind.recordPrefix
    case .relayed(let tag):
      precondition(bytes.rawSpan.bigEndian(UInt32.self, at: 0) == DatagramKind.relayWord(tag))
      return
    case .record, .stun, .malformed: return
    }
    guard let options = HandshakeOptions(bytes.rawSpan, from: offset) else { return }
    var written = [UInt8](bytes.prefix(offset))
    options.append(to: &written)
    if let mac1 = options.mac1 { HandshakeOptions.appendMAC1(mac1, to: &written) }
    precondition(
      HandshakeOptions(written.rawSpan, from: offset) == options, "options are read as written")
  }

  static func payloads(_ bytes: [UInt8]) {
    if let payload = InitiatorPayload(bytes) {
      precondition(InitiatorPayload(payload.bytes) == payload, "payloads are read as written")
    }
    if let payload = ResponderPayload(bytes) {
      precondition(ResponderPayload(payload.bytes) == payload, "payloads are read as written")
    }
  }

  static func frames(_ bytes: [UInt8]) {
    var reader = FrameReader(bytes.rawSpan)
    var steps = 0
    while let frame = reader.next() {
      steps += 1
      precondition(steps <= bytes.count + 1, "each frame takes at least a byte")
      if frame == .end { return }
      if case .packet(let range) = frame {
        precondition(range.upperBound == bytes.count && !range.isEmpty, "a packet takes the rest")
        return
      }
      if case .chunk(let range) = frame {
        precondition(range.upperBound == bytes.count, "a chunk takes the rest")
        return
      }
      if case .fragment(let header, let range) = frame {
        precondition(range.upperBound == bytes.count && !range.isEmpty, "a part takes the rest")
        precondition(Int(header.offset) + range.count <= header.total, "a part lies within")
        precondition(
          Array(bytes[(range.lowerBound - FragmentHeader.byteCount)..<range.lowerBound])
            == header.bytes, "headers are read as written")
        return
      }
      if case .control(let kind, let body) = frame {
        precondition(body.upperBound <= bytes.count, "a body lies within")
        if kind == .probe, let probe = ProbeFrame(body: Array(bytes[body])) {
          precondition(ProbeFrame(body: probe.frame.body) == probe, "probes are read as written")
        }
        if body.count <= ControlFrame.bodyLimit {
          let frame = ControlFrame(kind, body: Array(bytes[body]))
          let written = frame.bytes
          precondition(written == Array(bytes[(body.lowerBound - 3)..<body.upperBound]))
        }
        continue
      }
      var written: [UInt8] = []
      frame.append(to: &written)
      var again = FrameReader(written.rawSpan)
      precondition(again.next() == frame, "frames are read as written")
    }
  }
}
