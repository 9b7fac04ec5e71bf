import Foundation
import IPv8Control
import IPv8Crypto
import IPv8Wire
import Testing

@testable import IPv8Daemon

@Suite struct IdentityFileTests {
  let directory: TemporaryDirectory
  var path: String { directory.path + "/identity.key" }

  init() throws { directory = try TemporaryDirectory() }

  private func expectRefusal(_ error: IdentityError) throws {
    let before = directory.read("identity.key")
    #expect(throws: error) { try IdentityFile.load(path) }
    #expect(throws: error) { try IdentityFile.loadOrCreate(path) }
    #expect(directory.read("identity.key") == before)
    #expect(error.explanation.contains(path) && !error.explanation.contains("\n"))
    #expect(error.exitCode != .success)
  }

  @Test("the first run makes an identity, and every later one finds the same")
  func creation() throws {
    #expect(throws: IdentityError.missing(path: path)) { try IdentityFile.load(path) }
    let made = try IdentityFile.loadOrCreate(path).permID
    let text = directory.read("identity.key")
    #expect(try IdentityFile.loadOrCreate(path).permID == made)
    #expect(try IdentityFile.load(path).permID == made)
    #expect(directory.read("identity.key") == text)
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["identity.key"])
  }

  @Test("two identities made differ")
  func freshness() throws {
    let other = directory.path + "/other.key"
    #expect(try IdentityFile.loadOrCreate(path).permID != IdentityFile.loadOrCreate(other).permID)
  }

  @Test("the file is one line: mark, seed, PermID; the PermID is the seed's (RFC 8032, 7.1 test 1)")
  func format() throws {
    let made = try IdentityFile.loadOrCreate(path).permID
    let words = try #require(directory.read("identity.key")).split(separator: " ")
    #expect(words.count == 3 && words[0] == "ipv8-identity-v1" && words[2] == "\(made)\n")

    let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    let key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    let line = "ipv8-identity-v1 \(Base32.encode(bytes(seed))) \(Base32.encode(bytes(key)))\n"
    let file = try directory.write(line, to: "rfc.key")
    #expect(try IdentityFile.load(file).permID == PermID(bytes(key)))
  }

  @Test(
    "a file that others may read or write is refused",
    arguments: [0o640, 0o604, 0o620, 0o602, 0o644, 0o601, 0o777])
  func exposed(mode: Int) throws {
    _ = try IdentityFile.loadOrCreate(path)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    try expectRefusal(.exposed(path: path, mode: UInt32(mode)))
  }

  @Test("a stricter mode is accepted")
  func strict() throws {
    let made = try IdentityFile.loadOrCreate(path).permID
    try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: path)
    #expect(try IdentityFile.load(path).permID == made)
  }

  @Test("a file of any other content is refused and left alone")
  func corrupt() throws {
    _ = try IdentityFile.loadOrCreate(path)
    let good = try #require(directory.read("identity.key"))
    let seed = String(good.split(separator: " ")[1])
    let samples = [
      "", "\n", "hello\n", String(good.dropLast()), good + good, " " + good,
      String(good.dropFirst(10)), good.replacing("v1", with: "v2"), good.uppercased(),
      good.replacing(" ", with: "  "), good.replacing(" ", with: "\t"),
      good.replacing(seed, with: String(seed.dropLast())), good.replacing("\n", with: "\r\n"),
      String(repeating: "a", count: 100_000), "ipv8-identity-v1 \u{0} \u{0}\n",
    ]
    for sample in samples {
      _ = try directory.write(sample, to: "identity.key")
      try expectRefusal(.corrupt(path: path))
    }
  }

  @Test("a seed with any one character changed is found by the PermID")
  func wrongPermID() throws {
    _ = try IdentityFile.loadOrCreate(path)
    let good = try #require(directory.read("identity.key"))
    let start = good.utf8.index(good.startIndex, offsetBy: "ipv8-identity-v1 ".utf8.count)
    // The last of the 52 characters holds one bit of the seed and zeros.
    for offset in 0..<51 {
      var characters = Array(good)
      let index = good.distance(from: good.startIndex, to: start) + offset
      characters[index] = characters[index] == "a" ? "b" : "a"
      _ = try directory.write(String(characters), to: "identity.key")
      try expectRefusal(.wrongPermID(path: path))
    }
  }

  @Test("what is no regular file is refused")
  func notRegular() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    try expectRefusal(.notRegular(path: path))
  }

  @Test("where the directory is missing, making an identity fails and says so")
  func noDirectory() throws {
    let nowhere = directory.path + "/none/identity.key"
    let error = try #require(throws: IdentityError.self) {
      try IdentityFile.loadOrCreate(nowhere)
    }
    #expect(error == .unwritable(path: nowhere, .notFound) && error.exitCode == .cannotCreate)
  }

  @Test("of many that make an identity at once, all get the same one")
  func race() async throws {
    let path = path
    let made = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<16 {
        group.addTask { "\(try IdentityFile.loadOrCreate(path).permID)" }
      }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(made.count == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["identity.key"])
  }

  private func bytes(_ hex: String) -> [UInt8] {
    stride(from: 0, to: hex.count, by: 2).compactMap { offset in
      let start = hex.index(hex.startIndex, offsetBy: offset)
      return UInt8(hex[start..<hex.index(start, offsetBy: 2)], radix: 16)
    }
  }
}
