import Foundation

extension Host {
  /// Runs a command that must succeed.
  func expect(_ arguments: String...) throws {
    let outcome = try run(arguments)
    guard outcome.succeeded else {
      throw LabError.failed(command: arguments.joined(separator: " "), outcome)
    }
  }

  /// What leaves by `device` is cut, trains of datagrams too, and what arrives is not joined.
  func switchOffloads(off device: String) throws {
    try expect(
      "ethtool", "-K", device, "gso", "off", "tso", "off", "tx-udp-segmentation", "off", "gro",
      "off")
  }

  /// What leaves by `device` has its checksums computed.
  func switchChecksums(off device: String) throws {
    try expect("ethtool", "-K", device, "tx", "off")
  }

  /// Drops what arrives for this host itself by `device`, so that it answers nothing.
  func silence(_ device: String) throws {
    try expect(
      "nft",
      """
      table inet silence { chain input { type filter hook input priority raw; \
        iifname "\(device)" icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept; \
        iifname "\(device)" drop; }; }
      """)
  }

  /// Packets that this host's kernel refused for their checksum, of any protocol.
  func badChecksums() throws -> Int {
    let counts = try statistics("*CsumErrors")
    guard counts.count >= 3 else { throw LabError.failed(command: "nstat", try run("nstat")) }
    return counts.values.reduce(0, +)
  }

  /// The kernel's counters whose names match `pattern`, since the host was made.
  func statistics(_ pattern: String) throws -> [String: Int] {
    let outcome = try run("nstat", "-asz", pattern)
    var counts: [String: Int] = [:]
    for line in outcome.output.split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ")
      guard words.count >= 2, let count = Int(words[1]) else { continue }
      counts[String(words[0])] = count
    }
    return counts
  }
}
