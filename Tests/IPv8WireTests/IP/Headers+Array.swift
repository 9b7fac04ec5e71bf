import IPv8Wire

extension IPv4Header {
  init?(in bytes: [UInt8]) { self.init(bytes.rawSpan) }
}

extension IPv6Header {
  init?(in bytes: [UInt8]) { self.init(bytes.rawSpan) }
}
