import TestVectors
import Testing

@testable import IPv8Crypto

@Suite("SHA-2")
struct SHA2Tests {
  @Test("the examples of FIPS 180-4 for abc come out")
  func examples() {
    let abc = Array("abc".utf8)
    #expect(
      SHA2.sha256(abc).hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      SHA2.sha512(abc).hex == "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")
  }
}
