import IPv8DataPlane
import IPv8Store
import IPv8Wire

/// Which local IPv4 address stands for whom.
///
/// Rules:
/// - Addresses come from the configured range; where the underlay uses all of it, from the first
///   other private range that it does not.
/// - No address that lies in a network of the underlay is given.
/// - An address given once stays its peer's while these rules allow it.
struct AliasBook {
  /// Tried in turn where the underlay uses the configured range.
  static let alternatives = [
    IPv4Prefix(containing: IPv4Address(0x6440_0000), length: 10),
    IPv4Prefix(containing: IPv4Address(0x0ac0_0000), length: 10),
    IPv4Prefix(containing: IPv4Address(0xac10_0000), length: 12),
  ]

  let range: AliasRange
  /// This host's own alias.
  let own: IPv4Address
  private let underlay: [IPv4Prefix]
  private var taken: [IPv4Address: PermID] = [:]

  /// Nil where every range is in use.
  init?(configured: IPv4Prefix, underlay: [IPv4Prefix], own permID: PermID) {
    let free = ([configured] + Self.alternatives).first { range in
      !underlay.contains { $0.contains(range.address) && $0.length <= range.length }
    }
    guard let free else { return nil }
    range = AliasRange(free)
    self.underlay = underlay
    guard
      let own = range.alias(
        for: permID,
        excluding: { address in underlay.contains { $0.contains(address) } })
    else { return nil }
    self.own = own.address
    taken[own.address] = permID
  }

  /// The alias for `permID`, given now or before; nil where no free one was found.
  mutating func assign(
    _ permID: PermID, previous: StoredContact.Alias?
  ) -> StoredContact.Alias? {
    if let previous, isFree(previous.address, for: permID), range.prefix.contains(previous.address)
    {
      taken[previous.address] = permID
      return previous
    }
    let found = range.alias(for: permID) { !isFree($0, for: permID) }
    guard let found else { return nil }
    taken[found.address] = permID
    return StoredContact.Alias(index: Int(found.index), address: found.address)
  }

  mutating func release(_ permID: PermID) { taken = taken.filter { $0.value != permID } }

  private func isFree(_ address: IPv4Address, for permID: PermID) -> Bool {
    (taken[address] ?? permID) == permID && !underlay.contains { $0.contains(address) }
  }
}
