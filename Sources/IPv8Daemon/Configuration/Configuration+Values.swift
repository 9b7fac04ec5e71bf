import IPv8Directory
import IPv8Node
import IPv8Platform
import IPv8Store
import IPv8Traversal
import IPv8Wire
import Logging

extension Configuration {
  /// Sets what `key` stands for, if `value` may be it. `file` is nil for the command line.
  mutating func set(
    _ key: ConfigurationKey, to value: ConfigurationValue, file: String?
  ) throws(ConfigurationError) {
    switch (key, value) {
    case (.interface, .text(let text)) where InterfaceName.isValid(text): interface = text
    case (.port, .number(let number)) where (1...65_535).contains(number): port = UInt16(number)
    case (.mtu, .number(let number)) where Self.mtuRange.contains(number): mtu = number
    case (.lanes, .number(let number)) where Self.laneRange.contains(number): lanes = number
    case (.aliasRange, .text("off")): aliasRange = nil
    case (.aliasRange, .text(let text)) where Self.aliasRange(text) != nil:
      aliasRange = Self.aliasRange(text)
    case (.user, .text(let text)) where Self.isUserName(text): user = text
    case (.name, .text(let text)) where text.isEmpty || PeerName.isValid(text): name = text
    case (.isPublic, .flag(let flag)): isPublic = flag
    case (.stunServers, .list(let texts)) where Self.servers(texts) != nil:
      stunServers = Self.servers(texts) ?? []
    case (.stunAddresses, .list(let texts)) where Self.addresses(texts) != nil:
      stunAddresses = Self.addresses(texts) ?? []
    case (.mapsPorts, .flag(let flag)): mapsPorts = flag
    case (.guessesPorts, .flag(let flag)): guessesPorts = flag
    case (.nat64, .text(let text)) where NAT64Search.Setting(text: text) != nil:
      nat64 = NAT64Search.Setting(text: text) ?? nat64
    case (.httpsPort, .number(let number)) where (0...65_535).contains(number):
      httpsPort = number == 0 ? nil : UInt16(number)
    case (.proxy, .text("off")): proxy = ProxyRoute(nil)
    case (.proxy, .text(let text)) where HTTPProxy(text: text) != nil:
      proxy = ProxyRoute(HTTPProxy(text: text))
    case (.lanDiscovery, .flag(let flag)): lanDiscovery = flag
    case (.relay, .text(let text)) where RelayPolicy(rawValue: text) != nil:
      relay = RelayPolicy(rawValue: text) ?? relay
    case (.admit, .text(let text)) where AdmissionPolicy(rawValue: text) != nil:
      admit = AdmissionPolicy(rawValue: text) ?? admit
    case (.trustThreshold, .fraction(let share)) where share >= 0 && share <= 1:
      trustThreshold = share
    case (.trustThreshold, .number(let share)) where share == 0 || share == 1:
      trustThreshold = Double(share)
    case (.friendHops, .number(let hops)) where Self.friendHopsRange.contains(hops):
      friendHops = hops
    case (.recordCapacity, .number(let count)) where Self.recordCapacityRange.contains(count):
      recordCapacity = count
    case (.pathReaders, .text("root")): pathReaders = .root
    case (.pathReaders, .text("everyone")): pathReaders = .everyone
    case (.pathReaders, .text(let text)) where Self.group(text) != nil:
      pathReaders = Self.group(text).map { .group($0) } ?? pathReaders
    case (.rateControl, .text(let text)) where RateSetting(rawValue: text) != nil:
      rateControl = RateSetting(rawValue: text) ?? rateControl
    case (.fairness, .text(let text)) where FairnessSetting(rawValue: text) != nil:
      fairness = FairnessSetting(rawValue: text) ?? fairness
    case (.logLevel, .text(let text)) where Logger.Level(rawValue: text) != nil:
      logLevel = Logger.Level(rawValue: text) ?? logLevel
    default:
      throw .invalid(
        file: file, key: key.rawValue, value: value.description, allowed: key.allowed)
    }
  }

  private static let friendHopsRange = 0...DirectorySettings.friendHopsLimit
  private static let recordCapacityRange = 1...DirectorySettings.recordCapacityLimit

  /// useradd(8): 1...32 of a-z, 0-9, '_' and '-', beginning with a letter or '_'.
  private static func isUserName(_ text: String) -> Bool {
    let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
    guard (1...32).contains(text.utf8.count), let first = text.utf8.first,
      letters.contains(first) || first == UInt8(ascii: "_")
    else { return false }
    return text.utf8.allSatisfy {
      letters.contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
    }
  }

  /// The name behind `group:`, by the rules of users' names.
  private static func group(_ text: String) -> String? {
    let prefix = "group:"
    guard text.hasPrefix(prefix) else { return nil }
    let name = String(text.dropFirst(prefix.count))
    return isUserName(name) ? name : nil
  }

  private static func servers(_ texts: [String]) -> [HostPort]? {
    let servers = texts.compactMap { HostPort(text: $0) }
    return servers.count == texts.count && texts.count <= stunServerLimit ? servers : nil
  }

  /// None, or two of one family.
  private static func addresses(_ texts: [String]) -> [IPAddress]? {
    let addresses = texts.compactMap { IPAddress(text: $0) }
    guard addresses.count == texts.count, Set(addresses).count == texts.count,
      [0, 2].contains(texts.count), Set(addresses.map(\.family)).count < 2
    else { return nil }
    return addresses
  }

  private static func aliasRange(_ text: String) -> IPv4Prefix? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPv4Address(text: parts[0]),
      let length = Int(parts[1]), (8...28).contains(length), parts[1] == "\(length)"
    else { return nil }
    return IPv4Prefix(address, length: length)
  }
}

extension NAT64Search.Setting {
  fileprivate init?(text: String) {
    switch text {
    case "auto": self = .automatic
    case "off": self = .off
    default:
      guard let prefix = NAT64Prefix(text: text) else { return nil }
      self = .fixed(prefix)
    }
  }
}

extension ConfigurationKey {
  /// What it takes, for the reader of an error.
  var allowed: String {
    switch self {
    case .interface: "a string of 1 to 15 letters, digits or signs other than '/', ':' and '%'"
    case .port: "an integer, 1 to 65535"
    case .httpsPort: "an integer, 1 to 65535, or 0 for none"
    case .proxy: "an HTTP proxy such as \"http://proxy.example:3128\", or \"off\""
    case .mtu: "an integer, 1280 to 9000"
    case .lanes: "an integer, 1 to 16"
    case .aliasRange: "an IPv4 network such as \"100.64.0.0/10\", from /8 to /28, or \"off\""
    case .user: "the name of a user"
    case .name: "a string of up to 32 bytes without control characters or '/', and no address"
    case .isPublic, .lanDiscovery, .mapsPorts, .guessesPorts: "true or false"
    case .nat64: "\"auto\", \"off\", or a NAT64's IPv6 network such as \"64:ff9b::/96\""
    case .stunServers: "a list of up to 8 strings HOST:PORT"
    case .stunAddresses: "a list of two different addresses of this host, of one family"
    case .relay: "one of " + RelayPolicy.allCases.map(\.rawValue).joined(separator: ", ")
    case .admit: "one of " + AdmissionPolicy.allCases.map(\.rawValue).joined(separator: ", ")
    case .trustThreshold: "a number, 0 to 1"
    case .friendHops: "an integer, 0 to \(DirectorySettings.friendHopsLimit)"
    case .recordCapacity: "an integer, 1 to \(DirectorySettings.recordCapacityLimit)"
    case .pathReaders: "\"root\", \"group:NAME\" or \"everyone\""
    case .rateControl: "one of " + RateSetting.allCases.map(\.rawValue).joined(separator: ", ")
    case .fairness: "one of " + FairnessSetting.allCases.map(\.rawValue).joined(separator: ", ")
    case .logLevel: "one of " + Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
    }
  }
}
