import IPv8Control

/// What `up` prints: who and where this machine is in the overlay.
struct UpReport: Encodable {
  let permID: String
  let name: String
  let address6: String
  let address4: String?
  let interface: String
  let port: Int

  init(_ status: StatusReport) {
    permID = status.permID
    name = status.name
    address6 = status.address6
    address4 = status.address4
    interface = status.interface
    port = status.port
  }

  var text: String {
    var table = Table()
    table.add("permID", permID)
    if !name.isEmpty { table.add("name", name) }
    table.add("address6", address6)
    if let address4 { table.add("address4", address4) }
    table.add("interface", interface)
    table.add("port", "\(port)")
    return table.text
  }
}
