/// The keys of the file, as they are written there.
enum ConfigurationKey: String, CaseIterable {
  case interface
  case port
  case mtu
  case lanes
  case aliasRange = "alias_range"
  case user
  case name
  case isPublic = "public"
  case stunServers = "stun_servers"
  case stunAddresses = "stun_addresses"
  case mapsPorts = "port_mapping"
  case guessesPorts = "port_guessing"
  case nat64 = "nat64_prefix"
  case httpsPort = "https_port"
  case proxy
  case lanDiscovery = "lan_discovery"
  case relay
  case admit
  case trustThreshold = "trust_threshold"
  case friendHops = "friend_hops"
  case recordCapacity = "record_capacity"
  case pathReaders = "path_readers"
  case rateControl = "rate_control"
  case fairness
  case logLevel = "log_level"
}
