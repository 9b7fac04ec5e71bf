import DirectorySimulator
import IPv8Crypto
import IPv8Directory
import IPv8Records
import IPv8Wire

enum DirectoryFuzz {
  static func query(_ bytes: [UInt8]) {
    if let query = QueryMessage(bytes) {
      precondition(query.body == bytes, "a question has one form")
    }
    if let answer = AnswerMessage(bytes) {
      precondition(answer.body == bytes, "an answer has one form")
    }
  }

  private static let moment = Moment(
    boot: Timestamp(nanoseconds: 1_000_000_000),
    wall: WallTime(milliseconds: SimulatedIdentity.start))

  /// One that asks a peer whose address it is, and knows three others.
  private static let directory: Directory = {
    var settings = DirectorySettings()
    settings.ranks.walkCount = 100
    settings.sketchedPeers = 0
    let own = SimulatedIdentity.key(1).permID
    let peer = SimulatedIdentity.key(2).permID
    var directory = Directory(own: own, settings: settings, seed: 1)
    directory.addContact(peer, at: moment)
    for number in 1..<UInt64(4) {
      let key = SimulatedIdentity.key(number)
      let binding = SimulatedIdentity.binding(key, at: moment.wall)
      directory.offer(binding.bytes, from: .file, at: moment)
    }
    directory.connected(
      peer, pairSecret: SimulatedIdentity.secret(own, peer), at: moment)
    directory.resolve(OverlayAddress(of: SimulatedIdentity.key(9).permID), at: moment)
    _ = directory.takeOutputs()
    return directory
  }()

  /// What a peer says: n × { pause in units of 16 ms(1) ‖ frame's kind(1) ‖ length(2) ‖ body }.
  static func frames(_ bytes: [UInt8]) {
    var directory = directory
    var nanoseconds = moment.boot.nanoseconds
    let peer = SimulatedIdentity.key(2).permID
    let known = directory.size.bindings
    var rest = bytes[...]
    while rest.count >= 4 {
      let head = Array(rest.prefix(4))
      let body = rest.dropFirst(4).prefix(Int(head[2]) << 8 | Int(head[3]))
      rest = rest.dropFirst(4 + body.count)
      nanoseconds += UInt64(head[0]) * 16_000_000
      let now = Moment(
        boot: Timestamp(nanoseconds: nanoseconds),
        wall: WallTime(milliseconds: moment.wall.milliseconds + nanoseconds / 1_000_000))
      let kind = ControlFrame.Kind(rawValue: 0x26 + head[1] % 3)
      directory.receive(Array(body), kind: kind, from: peer, at: now)
      directory.tick(at: now)
      for case .send(_, let frame) in directory.takeOutputs() {
        precondition(frame.body.count <= ControlFrame.bodyLimit, "a frame fits a record")
      }
    }
    precondition(directory.size.bindings >= known, "no frame takes a binding away")
    precondition(directory.size.waiting == 0, "few records need not wait")
  }
}
