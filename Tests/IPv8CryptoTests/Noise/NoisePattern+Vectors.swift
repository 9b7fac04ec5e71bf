@testable import IPv8Crypto

/// The patterns of the published vectors (Noise §7.4 and §7.5); the product has IK and IKpsk2 only.
extension NoisePattern {
  static let all = [
    NoisePattern(
      name: "N", initiatorStaticKnown: false, responderStaticKnown: true, messages: [[.e, .es]]),
    NoisePattern(
      name: "K", initiatorStaticKnown: true, responderStaticKnown: true,
      messages: [[.e, .es, .ss]]),
    NoisePattern(
      name: "X", initiatorStaticKnown: false, responderStaticKnown: true,
      messages: [[.e, .es, .s, .ss]]),
    NoisePattern(
      name: "NN", initiatorStaticKnown: false, responderStaticKnown: false,
      messages: [[.e], [.e, .ee]]),
    NoisePattern(
      name: "NK", initiatorStaticKnown: false, responderStaticKnown: true,
      messages: [[.e, .es], [.e, .ee]]),
    NoisePattern(
      name: "XX", initiatorStaticKnown: false, responderStaticKnown: false,
      messages: [[.e], [.e, .ee, .s, .es], [.s, .se]]),
    NoisePattern(
      name: "XK", initiatorStaticKnown: false, responderStaticKnown: true,
      messages: [[.e, .es], [.e, .ee], [.s, .se]]),
    ik,
  ]

  /// The pattern that `name` means, such as `IKpsk2`; IKpsk2 itself is the product's.
  init?(named name: String) {
    let parts = name.split(separator: "psk", omittingEmptySubsequences: false)
    guard name != "IKpsk2" else {
      self = .ikPSK2
      return
    }
    guard var pattern = Self.all.first(where: { $0.name == parts[0] }) else { return nil }
    for digit in parts.dropFirst() {
      guard let index = Int(digit.prefix { $0 != "+" }), index <= pattern.messages.count else {
        return nil
      }
      if index == 0 {
        pattern.messages[0].insert(.psk, at: 0)
      } else {
        pattern.messages[index - 1].append(.psk)
      }
    }
    self = pattern
  }
}
