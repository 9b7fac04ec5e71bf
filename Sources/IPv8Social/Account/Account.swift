/// An account of a social network, or a key that speaks for itself: what a list of follows names
/// instead of a PermID (docs/protocol/account-proofs.md).
public struct Account: Hashable, Sendable {
  public enum Network: String, CaseIterable, Sendable {
    case gitHub = "github"
    case mastodon
    /// An SSH key by its fingerprint, `SHA256:` and 43 characters of base64.
    case ssh
    /// An OpenPGP key by its version 4 fingerprint, 40 digits; the scheme's registered name.
    case openPGP = "openpgp4fpr"
  }

  /// Bytes of the longest text.
  public static let textLimit = 256

  public let network: Network
  /// In the one form that it has: lower case, but for the fingerprint of an SSH key.
  public let name: String

  /// Nil where the network has no such names. GitHub and Mastodon do not tell cases apart.
  public init?(_ network: Network, _ name: some StringProtocol) {
    let name = network == .ssh ? String(name) : name.lowercased()
    guard name.utf8.count <= Self.textLimit, network.admits(Array(name.utf8)) else { return nil }
    self.network = network
    self.name = name
  }

  /// `github:NAME`, `mastodon:NAME@HOST`, `ssh:SHA256:…` or `openpgp4fpr:…`.
  public init?(text: some StringProtocol) {
    guard text.utf8.count <= Self.textLimit, let colon = text.firstIndex(of: ":"),
      let network = Network(rawValue: text[..<colon].lowercased())
    else { return nil }
    self.init(network, text[text.index(after: colon)...])
  }
}

extension Account: CustomStringConvertible {
  public var description: String { "\(network.rawValue):\(name)" }
}

extension Account.Network {
  fileprivate func admits(_ name: [UInt8]) -> Bool {
    switch self {
    case .gitHub:
      return (1...64).contains(name.count) && name.allSatisfy { $0.isWord || $0 == .dash }
    case .mastodon:
      let parts = name.split(separator: .at, omittingEmptySubsequences: false)
      guard parts.count == 2 else { return false }
      let isPlain = { (byte: UInt8) in byte.isWord || byte == .dash || byte == .dot }
      let host = parts[1].filter { $0 != .colon }
      return (1...64).contains(parts[0].count) && parts[0].allSatisfy(isPlain)
        && host.count + 1 >= parts[1].count && host.contains(.dot) && host.allSatisfy(isPlain)
    case .ssh:
      let mark = Array("SHA256:".utf8)
      return name.starts(with: mark) && name.count == mark.count + 43
        && name[mark.count...].allSatisfy { $0.isBase64 }
    case .openPGP:
      return name.count == 40 && name.allSatisfy { $0.hexDigit != nil }
    }
  }
}
