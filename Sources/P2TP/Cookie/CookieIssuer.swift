import IPv8Crypto
import IPv8Wire

/// Issues and checks encrypted timestamps, the cookies of the open handshake (protocol §1.3), and
/// the tokens of load level 2 (§1.4). Keeps no state per address.
///
/// A cookie is the millisecond clock under a permutation keyed by the peer's address; only its
/// issuer reads it. A good one proves that the peer receives at that address and tells the round
/// trip to the millisecond.
public struct CookieIssuer: Sendable {
  /// Cookies older than this are bad.
  public static let lifetime = Interval.seconds(5)
  static let epochSeconds: UInt64 = 120
  /// Seconds into an epoch while the one before is still tried.
  static let overlapSeconds: UInt64 = 6
  /// A clock read on one thread may be this far ahead of a check on another, in milliseconds.
  static let aheadLimit: Int32 = 2
  public static let tokenByteCount = 16

  private let bootKey: SecretBytes

  /// - Parameter bootKey: 32 random bytes, fresh for each process.
  public init(bootKey: SecretBytes) {
    precondition(bootKey.count == 32, "a 32-byte key")
    self.bootKey = bootKey
  }

  /// The cookie for `endpoint` now; never 0, which stands for "none".
  public func issue(to endpoint: Endpoint, at now: Timestamp) -> UInt32 {
    let permutation = permutation(for: endpoint, epoch: now.seconds / Self.epochSeconds)
    let tick = UInt32(truncatingIfNeeded: now.milliseconds) & P2TPHeader.fieldMask
    let value = permutation.encrypt(tick)
    return value != 0 ? value : permutation.encrypt((tick + 1) & P2TPHeader.fieldMask)
  }

  /// Whether `value` is a cookie that this process issued to `endpoint` at most 5 s ago.
  public func isGood(_ value: UInt32, from endpoint: Endpoint, at now: Timestamp) -> Bool {
    guard value != 0 else { return false }
    let epoch = now.seconds / Self.epochSeconds
    if isFresh(value, permutation(for: endpoint, epoch: epoch), now) { return true }
    let intoEpoch = now.seconds % Self.epochSeconds
    guard intoEpoch < Self.overlapSeconds, epoch > 0 else { return false }
    return isFresh(value, permutation(for: endpoint, epoch: epoch - 1), now)
  }

  /// The 16-byte token that goes with the cookie `value` to `endpoint`.
  public func token(for endpoint: Endpoint, cookie: UInt32, at now: Timestamp) -> [UInt8] {
    token(endpoint, cookie, epoch: now.seconds / Self.epochSeconds)
  }

  /// Whether `token` goes with the returned cookie `value`.
  public func isGood(
    token: [UInt8], from endpoint: Endpoint, cookie: UInt32, at now: Timestamp
  ) -> Bool {
    let epoch = now.seconds / Self.epochSeconds
    let current = self.token(endpoint, cookie, epoch: epoch)
    if constantTimeEqual(token.rawSpan, current.rawSpan) { return true }
    guard epoch > 0 else { return false }
    let previous = self.token(endpoint, cookie, epoch: epoch - 1)
    return constantTimeEqual(token.rawSpan, previous.rawSpan)
  }

  private func isFresh(_ value: UInt32, _ permutation: CookiePermutation, _ now: Timestamp) -> Bool
  {
    let tick = UInt32(truncatingIfNeeded: now.milliseconds)
    // The difference modulo 2^30, read as a signed 30-bit number.
    let age = Int32(bitPattern: (tick &- permutation.decrypt(value)) << 2) >> 2
    return age >= -Self.aheadLimit && Int64(age) <= Self.lifetime.milliseconds
  }

  private func epochKey(_ epoch: UInt64) -> SecretBytes {
    var message = [UInt8]("p2tp-ts1".utf8)
    message.append(bigEndian: epoch)
    return SecretBytes(copying: BLAKE2b.hash(message, count: 16, key: bootKey).rawSpan)
  }

  private func permutation(for endpoint: Endpoint, epoch: UInt64) -> CookiePermutation {
    let key = SipHash.hash128(endpoint.cookieBytes, key: epochKey(epoch))
    return CookiePermutation(key: SecretBytes(copying: key.rawSpan))
  }

  private func token(_ endpoint: Endpoint, _ cookie: UInt32, epoch: UInt64) -> [UInt8] {
    var message = [UInt8]("tok".utf8) + endpoint.cookieBytes
    message.append(bigEndian: cookie)
    return BLAKE2b.hash(message, count: Self.tokenByteCount, key: epochKey(epoch))
  }
}

extension Endpoint {
  /// family(1) ‖ address(16) ‖ port(2): what a cookie is bound to.
  fileprivate var cookieBytes: [UInt8] {
    var bytes: [UInt8] = []
    if case .v4 = address { bytes.append(4) } else { bytes.append(6) }
    bytes.append(bigEndian: address.mapped)
    bytes.append(bigEndian: port)
    return bytes
  }
}
