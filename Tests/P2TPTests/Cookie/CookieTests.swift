import IPv8Crypto
import IPv8Wire
import Testing

@testable import P2TP

/// docs/protocol: the encrypted timestamp.
@Suite("A cookie")
struct CookieTests {
  private let permutation = CookiePermutation(
    key: SecretBytes(copying: [UInt8](0..<16).rawSpan))

  private func issuer(_ seed: UInt64 = 1) -> CookieIssuer {
    var entropy = Entropy.seeded(seed)
    return CookieIssuer(bootKey: entropy.secret(32))
  }

  @Test("is deciphered to the time it was made from, for a hundred thousand values")
  func inverts() {
    var random = SeededRandom(seed: 1)
    for _ in 0..<100_000 {
      let value = UInt32(truncatingIfNeeded: random.next()) & P2TPHeader.fieldMask
      let encrypted = permutation.encrypt(value)
      guard encrypted <= P2TPHeader.fieldMask, permutation.decrypt(encrypted) == value else {
        Issue.record("\(value)")
        return
      }
    }
  }

  @Test("differs for different times: no two of 2^16 consecutive ones are equal")
  func permutes() {
    let values = Set((0..<UInt32(1 << 16)).map { permutation.encrypt($0) })
    #expect(values.count == 1 << 16)
  }

  @Test("is good from 2 ms before its time to 5000 ms after", arguments: [0, 113, 119, 1000])
  func ages(seconds: Int64) {
    let issuer = issuer()
    let made = Timestamp(nanoseconds: 1_200_000_000_000) + .seconds(seconds)
    let value = issuer.issue(to: .test(1), at: made)
    for (age, isGood): (Int64, Bool) in [
      (-2, true), (0, true), (1, true), (4999, true), (5000, true), (5001, false), (60_000, false),
    ] {
      let now = made + .milliseconds(age)
      // A clock behind by the epoch's change is the one thing that the overlap does not cover.
      if age < 0, seconds % 120 == 0 { continue }
      #expect(issuer.isGood(value, from: .test(1), at: now) == isGood, "\(age) ms")
    }
    #expect(!issuer.isGood(value, from: .test(1), at: made + .milliseconds(-3)))
  }

  @Test("of one address is no good from another address, port, or process")
  func isBound() {
    let now = Moment.after(0).boot
    let value = issuer().issue(to: .test(1), at: now)
    let (address, port) = (Endpoint.test(1).address, Endpoint.test(1).port)
    #expect(issuer().isGood(value, from: Endpoint(address, port: port), at: now))
    #expect(!issuer().isGood(value, from: Endpoint(address, port: port + 1), at: now))
    #expect(!issuer().isGood(value, from: .test(2), at: now))
    #expect(!issuer(2).isGood(value, from: .test(1), at: now))
    #expect(!issuer().isGood(0, from: .test(1), at: now))
  }

  @Test("is guessed blindly about 4.7 times in a million")
  func resistsGuesses() {
    let issuer = issuer()
    let now = Timestamp(nanoseconds: 1_260_000_000_000)
    var random = SeededRandom(seed: 7)
    // Decides as isFresh does, with the address's permutation made once: 2^18 guesses in a second.
    var hits = 0
    let guesses = 1 << 18
    for _ in 0..<guesses {
      let age =
        Int64(now.milliseconds & UInt64(P2TPHeader.fieldMask))
        - Int64(
          permutation.decrypt(UInt32(truncatingIfNeeded: random.next()) & P2TPHeader.fieldMask))
      if age >= -2, age <= 5000 { hits += 1 }
    }
    // The mean is 1.22; more than ten has a probability below one in ten million.
    #expect(hits <= 10)
    var accepted = 0
    for _ in 0..<5_000
    where issuer.isGood(UInt32(truncatingIfNeeded: random.next()), from: .test(1), at: now) {
      accepted += 1
    }
    #expect(accepted <= 2)
  }

  @Test("has a token that goes with it, its address and its epochs only")
  func tokens() {
    let issuer = issuer()
    let now = Moment.after(0).boot
    let token = issuer.token(for: .test(1), cookie: 5, at: now)
    #expect(token.count == CookieIssuer.tokenByteCount)
    #expect(issuer.isGood(token: token, from: .test(1), cookie: 5, at: now + .seconds(5)))
    #expect(!issuer.isGood(token: token, from: .test(1), cookie: 6, at: now))
    #expect(!issuer.isGood(token: token, from: .test(2), cookie: 5, at: now))
    #expect(!issuer.isGood(token: token, from: .test(1), cookie: 5, at: now + .seconds(240)))
    #expect(!issuer.isGood(token: [], from: .test(1), cookie: 5, at: now))
  }
}
