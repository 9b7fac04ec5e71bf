/// Discovery of UPnP devices (UPnP Device Architecture 1.1 §1.3), for gateways only.
public enum SSDPMessage {
  public static let group = Endpoint(.v4(IPv4Address(0xefff_fffa)), port: 1900)

  /// What gateways answer to: the device of both versions, and the service where it hides.
  public static let targets = [
    "urn:schemas-upnp-org:device:InternetGatewayDevice:2",
    "urn:schemas-upnp-org:device:InternetGatewayDevice:1",
    "urn:schemas-upnp-org:service:WANIPConnection:1",
  ]

  /// The bytes of a search; answers come within two seconds.
  public static func search(for target: String) -> [UInt8] {
    Array(
      ("M-SEARCH * HTTP/1.1\r\nHOST: \(group)\r\nMAN: \"ssdp:discover\"\r\nMX: 2\r\n"
        + "ST: \(target)\r\n\r\n").utf8)
  }

  /// Where an answer says that the device's description is; nil where the bytes are no answer to
  /// one of our searches.
  public static func location(_ datagram: [UInt8]) -> HTTPLocation? {
    guard let head = HTTPHead(datagram), head.start.hasPrefix("HTTP/1.1 200"),
      let target = head.value("st"), targets.contains(target),
      let location = head.value("location")
    else { return nil }
    return HTTPLocation(text: location)
  }
}
