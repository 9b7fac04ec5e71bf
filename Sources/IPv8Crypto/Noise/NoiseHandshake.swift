import IPv8Wire

public enum NoiseError: Error, Equatable {
  /// A message shorter than its tokens.
  case truncated
  /// A ciphertext or key that does not authenticate, or an all-zero agreement.
  case notAuthentic
}

/// One side of a Noise handshake (Noise §5.3, revision 34): bytes in, bytes out.
///
/// Ephemeral keys are arguments; the engine draws no randomness. A value: work on a copy when the
/// message may be forged, and keep the copy when it was not.
public struct NoiseHandshake: Sendable {
  public enum Role: Sendable { case initiator, responder }

  private let pattern: NoisePattern
  private let role: Role
  private let localStatic: AgreementKey?
  private let localEphemeral: AgreementKey
  private var psks: [SecretBytes]
  private var state: NoiseSymmetricState
  private var next = 0
  private var remoteEphemeral: [UInt8]?
  /// The peer's static X25519 key (32 bytes), known before or read from its message.
  public private(set) var remoteStatic: [UInt8]?

  /// - Parameters:
  ///   - ephemeral: a key pair for this handshake alone.
  ///   - remoteStatic: where the pattern has it known before.
  ///   - psks: 32 bytes each, one for each psk token.
  public init(
    pattern: NoisePattern, suite: AEADSuite = .chaCha20Poly1305, hash: NoiseHash = .blake2b,
    role: Role, prologue: [UInt8], localStatic: AgreementKey?, localEphemeral: AgreementKey,
    remoteStatic: [UInt8]? = nil, psks: [SecretBytes] = []
  ) {
    self.pattern = pattern
    self.role = role
    self.localStatic = localStatic
    self.localEphemeral = localEphemeral
    self.remoteStatic = remoteStatic
    self.psks = psks
    let cipher = suite == .aes256GCM ? "AESGCM" : "ChaChaPoly"
    let digest =
      switch hash {
      case .blake2b: "BLAKE2b"
      case .sha256: "SHA256"
      case .sha512: "SHA512"
      }
    state = NoiseSymmetricState(
      protocolName: "Noise_\(pattern.name)\(pattern.modifiers)_25519_\(cipher)_\(digest)",
      suite: suite, hash: hash)
    state.mixHash(prologue)
    let initiator = role == .initiator ? localStatic?.publicKey : remoteStatic
    let responder = role == .responder ? localStatic?.publicKey : remoteStatic
    if pattern.initiatorStaticKnown, let initiator { state.mixHash(initiator) }
    if pattern.responderStaticKnown, let responder { state.mixHash(responder) }
  }

  public var isComplete: Bool { next == pattern.messages.count }

  /// Channel binding (Noise §11.2).
  public var handshakeHash: [UInt8] { state.handshakeHash }

  /// The next message, which is ours to write, with `payload` encrypted as the pattern allows.
  public mutating func write(_ payload: [UInt8]) throws(NoiseError) -> [UInt8] {
    precondition(!isComplete && isOurs(next), "our turn to write")
    var message: [UInt8] = []
    for token in pattern.messages[next] {
      switch token {
      case .e:
        message += localEphemeral.publicKey
        mixEphemeral(localEphemeral.publicKey)
      case .s:
        message += state.encryptAndHash(ourStatic.publicKey)
      default: try mix(token)
      }
    }
    message += state.encryptAndHash(payload)
    next += 1
    return message
  }

  /// The payload of the peer's next message.
  public mutating func read(_ message: [UInt8]) throws(NoiseError) -> [UInt8] {
    precondition(!isComplete && !isOurs(next), "the peer's turn to write")
    var rest = message[...]
    func take(_ count: Int) throws(NoiseError) -> [UInt8] {
      guard rest.count >= count else { throw .truncated }
      defer { rest = rest.dropFirst(count) }
      return [UInt8](rest.prefix(count))
    }
    for token in pattern.messages[next] {
      switch token {
      case .e:
        let key = try take(32)
        remoteEphemeral = key
        mixEphemeral(key)
      case .s:
        remoteStatic = try state.decryptAndHash(try take(32 + state.tagByteCount))
      default: try mix(token)
      }
    }
    let payload = try state.decryptAndHash([UInt8](rest))
    next += 1
    return payload
  }

  /// The transport keys after the last message: for sending and for receiving.
  public func split() -> (send: SecretBytes, receive: SecretBytes) {
    precondition(isComplete || pattern.messages.count == next, "after the last message")
    let (first, second) = state.split()
    return role == .initiator ? (first, second) : (second, first)
  }

  private func isOurs(_ index: Int) -> Bool { (index % 2 == 0) == (role == .initiator) }

  private var ourStatic: AgreementKey {
    guard let localStatic else { preconditionFailure("the pattern needs our static key") }
    return localStatic
  }

  private mutating func mixEphemeral(_ key: [UInt8]) {
    state.mixHash(key)
    if pattern.hasPSK { state.mixKey(key.rawSpan) }
  }

  private mutating func mix(_ token: NoisePattern.Token) throws(NoiseError) {
    let ours: AgreementKey
    let theirs: [UInt8]?
    switch (token, role) {
    case (.ee, _): (ours, theirs) = (localEphemeral, remoteEphemeral)
    case (.ss, _): (ours, theirs) = (ourStatic, remoteStatic)
    case (.es, .initiator), (.se, .responder): (ours, theirs) = (localEphemeral, remoteStatic)
    case (.es, .responder), (.se, .initiator): (ours, theirs) = (ourStatic, remoteEphemeral)
    case (.psk, _):
      precondition(!psks.isEmpty, "one psk for each psk token")
      let psk = psks.removeFirst()
      state.mixKeyAndHash(psk.bytes)
      return
    case (.e, _), (.s, _): preconditionFailure("keys are sent, not mixed")
    }
    guard let theirs else { preconditionFailure("the pattern orders keys before agreements") }
    guard let shared = ours.agree(with: theirs) else { throw .notAuthentic }
    state.mixKey(shared.bytes)
  }
}
