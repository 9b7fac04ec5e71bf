import IPv8Wire

extension PermID {
  private static let streamPersonal = [UInt8]("ipv8-https-v1\0\0\0".utf8)

  /// The path at which this peer's HTTPS server takes datagrams. Who does not know the PermID finds
  /// a web server without pages (the silence rule of protocol §1.2).
  public var streamPath: String {
    "/" + Base32.encode(BLAKE2b.hash(bytes, count: 16, personal: Self.streamPersonal))
  }
}
