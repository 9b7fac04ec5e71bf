extension Configuration {
  /// What the flags of `up` give goes before the file.
  public mutating func override(
    interface: String? = nil, port: Int? = nil, name: String? = nil
  ) throws(ConfigurationError) {
    if let interface { try set(.interface, to: .text(interface), file: nil) }
    if let port { try set(.port, to: .number(port), file: nil) }
    if let name { try set(.name, to: .text(name), file: nil) }
  }
}
