import IPv8Crypto

/// AEAD keys side by side: what a lane's sessions hold of them.
struct KeyRing: ~Copyable {
  let count: Int
  private let keys: UnsafeMutablePointer<AEADKey>

  /// - Parameter backend: nil for this machine's best.
  init(suite: AEADSuite, keys secrets: [SecretBytes], backend: AEADBackend? = nil) {
    count = secrets.count
    keys = .allocate(capacity: count)
    for (place, secret) in secrets.enumerated() {
      (keys + place).initialize(to: AEADKey(suite: suite, key: secret, backend: backend))
    }
  }

  deinit {
    keys.deinitialize(count: count)
    keys.deallocate()
  }

  subscript(place: Int) -> AEADKey {
    unsafeAddress {
      precondition(place >= 0 && place < count, "a place in the ring")
      return UnsafePointer(keys + place)
    }
  }
}
