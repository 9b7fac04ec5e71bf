import IPv8Crypto
import IPv8Sync
import IPv8Wire
import SyncSimulator

enum SyncFuzz {
  static func message(_ bytes: [UInt8]) {
    guard let message = SyncMessage(bytes) else { return }
    precondition(message.body == bytes, "a message has one form")
  }

  private static let salt: SyncSalt = {
    let secret: [UInt8] = Array(repeating: 7, count: 32)
    return SyncSalt(secret: SecretBytes(copying: secret.rawSpan))
  }()

  private static let peer: SimulatedPeer = {
    var peer = SimulatedPeer(salt: salt, seed: 1, limits: SyncLimits())
    for number in 0..<UInt64(60) {
      peer.put(
        SimulatedRecord(
          signer: SimulatedRecord.signer(number / 2), slot: UInt32(number % 2),
          timestamp: WallTime(milliseconds: 1_799_000_000_000 + number * 1_000_000)))
    }
    _ = peer.book.table.prepare(salt: salt)
    return peer
  }()

  /// A session by the method that the first byte says, and what a peer says in it:
  /// n × { pause in units of 16 ms(1) ‖ type(1) ‖ length(2) ‖ content }.
  static func session(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    let method = SyncMethod(rawValue: first % 3 + 1) ?? .rateless
    var link = SimulatedLink(peer, peer, seed: 1)
    link.tamper = { _, _ in nil }
    let count = link.peers[0].book.table.count
    link.begin(0, session: 1, method: method)
    var rest = bytes.dropFirst()
    while rest.count >= 4 {
      let head = Array(rest.prefix(4))
      let length = Int(head[2]) << 8 | Int(head[3])
      let content = rest.dropFirst(4).prefix(length)
      rest = rest.dropFirst(4 + content.count)
      link.inject([head[1], 0, 0, 0, 1] + content, to: 0)
      link.run(for: .milliseconds(Int64(head[0]) * 16))
    }
    let isWithinRate =
      link.bytes[0] - 3 * link.messages[0]
      <= 65_536 + Int(link.now.milliseconds) * 65_536 / 1_000 + 1
    precondition(isWithinRate, "a peer gets no more than its rate")
    // What comes in was asked for, and only what the other side's symbols tell is.
    precondition(
      link.peers[0].book.table.count >= count, "no message takes records out of the table")
  }
}
