/// A handshake pattern of the Noise framework (Noise §7): who knows which static key before, and
/// what each message carries.
public struct NoisePattern: Sendable {
  enum Token: Sendable { case e, s, ee, es, se, ss, psk }

  /// The name without modifiers, such as `IK`.
  let name: String
  let initiatorStaticKnown: Bool
  let responderStaticKnown: Bool
  /// Tokens of the messages; the initiator writes the first, then they alternate.
  var messages: [[Token]]

  /// The pattern of P2TP: IKpsk2.
  public static let ikPSK2: NoisePattern = {
    var pattern = ik
    pattern.messages[1].append(.psk)
    return pattern
  }()

  static let ik = NoisePattern(
    name: "IK", initiatorStaticKnown: false, responderStaticKnown: true,
    messages: [[.e, .es, .s, .ss], [.e, .ee, .se]])

  var hasPSK: Bool { messages.contains { $0.contains(.psk) } }

  var modifiers: String {
    var names: [String] = []
    for (index, message) in messages.enumerated() {
      if index == 0, message.first == .psk { names.append("psk0") }
      if message.last == .psk { names.append("psk\(index + 1)") }
    }
    return names.joined(separator: "+")
  }
}
