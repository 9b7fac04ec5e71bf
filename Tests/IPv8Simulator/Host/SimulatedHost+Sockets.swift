import IPv8Wire

/// Extra sockets, each with one remote endpoint.
extension SimulatedHost {
  static func port(ofSocket number: UInt32) -> UInt16 { UInt16(50_000 + number % 10_000) }

  /// Sends by the extra socket that `destination` stands for; false where it stands for none.
  func sendBySocket(
    _ bytes: [UInt8], to destination: Endpoint, at now: Moment, _ network: inout SimulatedNetwork
  ) -> Bool {
    guard case .socket(let number) = destination.carrier else { return false }
    if let remote = sockets[number] {
      let source = Endpoint(endpoint.address, port: Self.port(ofSocket: number))
      network.send(
        SimulatedNetwork.Datagram(bytes: bytes, source: source, destination: remote), at: now.boot)
    }
    return true
  }
}
