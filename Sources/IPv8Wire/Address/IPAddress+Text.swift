extension IPv4Address: CustomStringConvertible {
  public var description: String {
    "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
  }

  /// Four decimal numbers with dots; no leading zeros, no shorter forms. Nil for anything else.
  public init?(text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var value: UInt32 = 0
    for part in parts {
      guard let number = decimal(part, atMost: 255) else { return nil }
      value = value << 8 | UInt32(number)
    }
    self.init(value)
  }
}

extension IPv6Address: CustomStringConvertible {
  /// The canonical text of RFC 5952.
  public var description: String {
    if value >> 32 == 0xffff {
      return "::ffff:\(IPv4Address(UInt32(truncatingIfNeeded: value)))"
    }
    let groups = (0..<8).map { UInt16(truncatingIfNeeded: value >> UInt128(112 - 16 * $0)) }
    var longest = 0..<0
    var start = 0
    while start < 8 {
      var end = start
      while end < 8, groups[end] == 0 { end += 1 }
      if end - start > max(longest.count, 1) { longest = start..<end }
      start = max(end, start + 1)
    }
    func text(_ range: Range<Int>) -> String {
      groups[range].map { String($0, radix: 16) }.joined(separator: ":")
    }
    guard !longest.isEmpty else { return text(0..<8) }
    return text(0..<longest.lowerBound) + "::" + text(longest.upperBound..<8)
  }

  /// Any text form of RFC 4291 §2.2, the dotted-quad tail included; nil for anything else.
  public init?(text: some StringProtocol) {
    guard text.utf8.count <= 45 else { return nil }
    var halves: [[UInt16]] = [[]]
    var rest = Substring(text)
    if rest.hasPrefix("::") {
      halves.append([])
      rest = rest.dropFirst(2)
    } else if rest.hasPrefix(":") {
      return nil
    }
    while !rest.isEmpty {
      let end = rest.firstIndex(of: ":") ?? rest.endIndex
      let group = rest[..<end]
      rest = rest[end...]
      if rest.isEmpty, group.contains(".") {
        guard let v4 = IPv4Address(text: group) else { return nil }
        halves[halves.count - 1] += [UInt16(v4.value >> 16), UInt16(v4.value & 0xffff)]
        break
      }
      guard (1...4).contains(group.utf8.count), group.utf8.allSatisfy(isHexDigit),
        let number = UInt16(group, radix: 16)
      else { return nil }
      halves[halves.count - 1].append(number)
      if rest.hasPrefix("::") {
        guard halves.count == 1 else { return nil }
        halves.append([])
        rest = rest.dropFirst(2)
      } else if rest.hasPrefix(":") {
        rest = rest.dropFirst()
        guard !rest.isEmpty else { return nil }
      }
    }
    let count = halves.reduce(0) { $0 + $1.count }
    guard halves.count == 1 ? count == 8 : count <= 7 else { return nil }
    var groups = halves[0] + [UInt16](repeating: 0, count: 8 - count)
    if halves.count == 2 { groups += halves[1] }
    self.init(groups.reduce(UInt128(0)) { $0 << 16 | UInt128($1) })
  }
}

extension IPAddress: CustomStringConvertible {
  public var description: String {
    switch self {
    case .v4(let address): address.description
    case .v6(let address): address.description
    }
  }

  /// An IPv4 or IPv6 literal; nil for anything else.
  public init?(text: some StringProtocol) {
    if let v4 = IPv4Address(text: text) {
      self = .v4(v4)
    } else if let v6 = IPv6Address(text: text) {
      self = .v6(v6)
    } else {
      return nil
    }
  }
}

extension IPv4Prefix: CustomStringConvertible {
  public var description: String { "\(address)/\(length)" }

  /// `ADDRESS/LENGTH` without host bits; nil for anything else.
  public init?(text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPv4Address(text: parts[0]),
      let length = decimal(parts[1], atMost: 32)
    else { return nil }
    self.init(address, length: length)
  }
}

extension IPv6Prefix: CustomStringConvertible {
  public var description: String { "\(address)/\(length)" }

  /// `ADDRESS/LENGTH` without host bits; nil for anything else.
  public init?(text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPv6Address(text: parts[0]),
      let length = decimal(parts[1], atMost: 128)
    else { return nil }
    self.init(address, length: length)
  }
}

/// A decimal number in `0...limit` without sign or leading zeros.
func decimal(_ text: some StringProtocol, atMost limit: Int) -> Int? {
  guard (1...5).contains(text.utf8.count),
    text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
    text.utf8.count == 1 || text.utf8.first != UInt8(ascii: "0"),
    let number = Int(text), number <= limit
  else { return nil }
  return number
}

private func isHexDigit(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
    UInt8(ascii: "A")...UInt8(ascii: "F"):
    true
  default: false
  }
}
