extension STUNMessage {
  /// The message's bytes, attributes in ascending order of need: what a reader must have first.
  ///
  /// - Parameter fingerprint: append FINGERPRINT (RFC 8489 §14.7), 8 bytes.
  public func bytes(fingerprint: Bool) -> [UInt8] {
    var bytes: [UInt8] = []
    let classBits = messageClass.rawValue
    bytes.append(
      bigEndian: method & 0xf | method << 1 & 0xe0 | method << 2 & 0x3e00
        | (classBits & 1) << 4 | (classBits & 2) << 7)
    bytes.append(bigEndian: UInt16(0))
    bytes.append(bigEndian: transaction.value)
    if let xorMapped {
      Self.append(
        STUNAttribute.xorMappedAddress, STUNAttribute.value(transaction.obscure(xorMapped)),
        to: &bytes)
    }
    for (type, endpoint) in addresses {
      if let endpoint { Self.append(type, STUNAttribute.value(endpoint), to: &bytes) }
    }
    appendOthers(to: &bytes)
    if fingerprint {
      Self.setLength(of: &bytes, adding: 8)
      let crc = CRC32.checksum(bytes.rawSpan, count: bytes.count)
      var value: [UInt8] = []
      value.append(bigEndian: crc ^ STUNAttribute.fingerprintMask)
      Self.append(STUNAttribute.fingerprint, value, to: &bytes)
    }
    Self.setLength(of: &bytes, adding: 0)
    return bytes
  }

  private var addresses: [(UInt16, Endpoint?)] {
    [
      (STUNAttribute.mappedAddress, mapped), (STUNAttribute.sourceAddress, sourceAddress),
      (STUNAttribute.changedAddress, changedAddress),
      (STUNAttribute.responseOrigin, responseOrigin), (STUNAttribute.otherAddress, otherAddress),
    ]
  }

  private func appendOthers(to bytes: inout [UInt8]) {
    var value: [UInt8] = []
    func integer<T: FixedWidthInteger>(_ number: T) -> [UInt8] {
      value = []
      value.append(bigEndian: number)
      return value
    }
    if let changeRequest {
      Self.append(STUNAttribute.changeRequest, integer(changeRequest.rawValue), to: &bytes)
    }
    // RFC 5780 §7.5: the port and two bytes that are zero.
    if let responsePort {
      Self.append(STUNAttribute.responsePort, integer(UInt32(responsePort) << 16), to: &bytes)
    }
    if let error { Self.append(STUNAttribute.errorCode, error.value, to: &bytes) }
    if !unknownAttributes.isEmpty {
      Self.append(
        STUNAttribute.unknownAttributes, unknownAttributes.flatMap { integer($0) }, to: &bytes)
    }
    if let responseDelay {
      Self.append(STUNAttribute.responseDelay, integer(responseDelay), to: &bytes)
    }
    if let software { Self.append(STUNAttribute.software, software, to: &bytes) }
    if let padding {
      Self.append(STUNAttribute.padding, [UInt8](repeating: 0, count: padding), to: &bytes)
    }
  }

  private static func append(_ type: UInt16, _ value: [UInt8], to bytes: inout [UInt8]) {
    precondition(
      bytes.count + 8 + value.count <= 65_535, "a message of at most 65,535 bytes")
    bytes.append(bigEndian: type)
    bytes.append(bigEndian: UInt16(value.count))
    bytes += value
    // Padding beyond a value is of any content (RFC 8489 §14); ours is zero.
    bytes += [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
  }

  private static func setLength(of bytes: inout [UInt8], adding extra: Int) {
    let length = UInt16(bytes.count - headerByteCount + extra)
    bytes[2] = UInt8(length >> 8)
    bytes[3] = UInt8(length & 255)
  }
}
