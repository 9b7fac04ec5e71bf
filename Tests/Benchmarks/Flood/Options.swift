import DirectorySimulator
import IPv8Crypto
import IPv8Wire

/// What the command line says.
struct Options {
  let command: String
  private let usage: String
  private var values: [String: [String]] = [:]

  init(_ arguments: ArraySlice<String>, usage: String) {
    var rest = arguments
    command = rest.popFirst() ?? ""
    self.usage = usage
    while let option = rest.popFirst() {
      guard let value = rest.popFirst() else { leave("\(option) needs a value\n\(usage)") }
      values[option, default: []].append(value)
    }
  }

  func number(_ option: String, _ standard: Int) -> Int {
    guard let text = values[option]?.last else { return standard }
    guard let number = Int(text), number >= 0 else { leave("\(option) \(text) is no number") }
    return number
  }

  var faults: [Fault] {
    guard let names = values["--fault"] else { return Fault.allCases }
    return names.filter { $0 != "padding" }.map { name in
      guard let fault = Fault(rawValue: name) else { leave("no fault \(name)\n\(usage)") }
      return fault
    }
  }

  var identity: IdentityKey { SimulatedIdentity.key(UInt64(number("--number", 1))) }

  func attack() {
    guard let peer = values["--peer"]?.last.flatMap({ PermID(text: $0) }),
      let target = values["--at"]?.last.flatMap({ Endpoint(text: $0) })
    else { leave(usage) }
    let attack = Attack(
      rate: number("--rate", 1_000), duration: .seconds(Int64(number("--seconds", 10))))
    attack.run(
      HostilePeer(
        identity, against: peer, at: target, faults: faults, stock: number("--stock", 2_000)))
  }
}
