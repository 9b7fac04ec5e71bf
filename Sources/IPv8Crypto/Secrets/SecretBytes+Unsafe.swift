import CSodium
import IPv8Wire

/// libsodium set up once; every entry into it goes through a value that touched this.
let sodiumIsReady: Bool = sodium_init() >= 0

/// Secret bytes in one heap block that is zeroed when its last owner lets go.
///
/// Shared by reference, so that moving the values that hold it never copies the bytes; it has no
/// description. A guarded block (`sodium_malloc`) also lies between guard pages and is locked into
/// memory where the limit allows: for keys that live long.
@safe
public final class SecretBytes: @unchecked Sendable {
  public let count: Int
  private let guarded: Bool
  private let base: UnsafeMutableRawPointer

  /// A block of `count` bytes that `fill` initialises; they are zero before.
  public init<Failure: Error>(
    count: Int, guarded: Bool = false, fill: (inout MutableRawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(sodiumIsReady && count > 0, "libsodium works and the block has bytes")
    self.count = count
    self.guarded = guarded
    if guarded {
      guard let block = unsafe sodium_malloc(count) else {
        preconditionFailure("memory for \(count) secret bytes")
      }
      unsafe base = block
    } else {
      unsafe base = .allocate(byteCount: count, alignment: 16)
    }
    unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: count)
    // Sound: the block is `count` bytes long, initialised, and nobody else has it yet.
    var span = unsafe MutableRawSpan(_unsafeStart: base, byteCount: count)
    try fill(&span)
  }

  /// A copy of `bytes`. The caller's copy remains the caller's to erase.
  public convenience init(copying bytes: RawSpan, guarded: Bool = false) {
    self.init(count: bytes.byteCount, guarded: guarded) { (block: inout MutableRawSpan) in
      block.copy(bytes, to: 0)
    }
  }

  deinit {
    if guarded {
      unsafe sodium_free(base)
    } else {
      unsafe sodium_memzero(base, count)
      unsafe base.deallocate()
    }
  }

  /// The bytes, valid while this object lives.
  public var bytes: RawSpan {
    @_lifetime(borrow self)
    get {
      // Sound: the block lives as long as self and is never written after init.
      let span = unsafe RawSpan(_unsafeStart: base, byteCount: count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// Equality in constant time.
  public static func equal(_ a: SecretBytes, _ b: SecretBytes) -> Bool {
    a.count == b.count && constantTimeEqual(a.bytes, b.bytes)
  }
}

/// Whether two spans hold the same bytes, in time that depends on their length only.
public func constantTimeEqual(_ a: RawSpan, _ b: RawSpan) -> Bool {
  guard a.byteCount == b.byteCount else { return false }
  guard a.byteCount > 0 else { return true }
  return unsafe a.withUnsafeBytes { left in
    unsafe b.withUnsafeBytes { right in
      // Sound: both spans have bytes, so both base addresses exist and hold `count` bytes.
      unsafe sodium_memcmp(left.baseAddress!, right.baseAddress!, left.count) == 0
    }
  }
}
