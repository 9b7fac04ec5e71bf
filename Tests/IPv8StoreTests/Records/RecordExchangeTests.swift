import Foundation
import IPv8Records
import IPv8Wire
import Testing

@testable import IPv8Store

@Suite struct RecordExchangeTests {
  let directory: TemporaryDirectory
  let store: RecordStore
  let alice = Signer(1)
  let bob = Signer(2)

  init() throws {
    directory = try TemporaryDirectory()
    store = try directory.recordStore()
  }

  private func lines(of store: RecordStore) throws -> [String] {
    var lines: [String] = []
    var cursor: String?
    repeat {
      let page = try #require(try store.page(after: cursor, types: RelationTypes()))
      #expect(page.lines.count <= RecordStore.pageLimit)
      lines += page.lines
      cursor = page.next
    } while cursor != nil
    return lines
  }

  private func fill() throws {
    let signers = (0..<300).map { Signer($0) }
    try store.apply(signers.map { .binding($0.binding(hasIPv6: true, name: "a \"name\"")) })
    try store.apply(
      signers.dropFirst().flatMap {
        [
          RecordChange.relation($0.relation(to: signers[0])),
          .relation($0.relation(to: signers[0], type: .new)),
        ]
      })
    try store.apply([.contradiction(try alice.contradiction(about: bob))])
  }

  @Test("what is exported and imported elsewhere is the same to the byte; again, nothing changes")
  func roundTrip() throws {
    try fill()
    let lines = try lines(of: store)
    #expect(lines.count == 899 && lines.allSatisfy { !$0.contains("\n") })
    let changes = try RecordReading(at: RecordFixture.now).read(lines).map { try $0.get() }
    let elsewhere = try TemporaryDirectory()
    let other = try elsewhere.recordStore()
    #expect(try other.apply(changes) == 899)
    #expect(try Holdings(other) == Holdings(store))
    #expect(try other.apply(changes) == 0)
    #expect(try self.lines(of: other) == lines)
  }

  @Test("a line says in words what the record says")
  func readable() throws {
    try store.apply([
      .binding(alice.binding(name: "alice")), .relation(alice.relation(to: bob, strength: 7)),
    ])
    let lines = try lines(of: store)
    let binding = try JSONDecoder().decode(RecordLine.self, from: Data(lines[0].utf8))
    #expect(binding.kind == .binding && binding.signer == "\(alice.permID)")
    #expect(binding.endpoints == ["203.0.113.1:41641"] && binding.name == "alice")
    #expect(binding.address6 == "\(alice.address)" && binding.lifetimeSeconds == 86_400)
    #expect(binding.timestampMilliseconds == RecordFixture.start)
    let relation = try JSONDecoder().decode(RecordLine.self, from: Data(lines[1].utf8))
    #expect(relation.subject == "\(bob.permID)" && relation.strength == 7)
    #expect(relation.type == 3 && relation.typeName == "Facebook Friend")
  }

  @Test("a line that is no good record is refused for its own reason, and the others count")
  func refusals() throws {
    func line(_ kind: String, _ bytes: [UInt8]) -> String {
      #"{"kind":"\#(kind)","record":"\#(Data(bytes).base64EncodedString())"}"#
    }
    let good = alice.binding()
    var forged = good.bytes
    forged[forged.count - 5] ^= 1
    let proof = try alice.contradiction(about: bob)
    var forgedProof = proof.bytes
    forgedProof[forgedProof.count - 5] ^= 1
    let cases: [(String, LineRefusal?)] = [
      (line("binding", good.bytes), nil),
      ("", .malformed), ("{", .malformed), ("[]", .malformed), ("null", .malformed),
      (#"{"kind":"binding"}"#, .malformed), (#"{"kind":"binding","record":"?"}"#, .malformed),
      (#"{"kind":"song","record":""}"#, .malformed), ("\u{0}\u{fffd}", .malformed),
      (line("binding", []), .malformed), (line("binding", good.bytes + [0]), .malformed),
      (line("relation", good.bytes), .malformed), (line("binding", forged), .forged),
      (line("binding", alice.binding(at: 3_600_000 + 121_000).bytes), .fromFuture),
      (line("relation", alice.relation(to: bob, at: 3_600_000 + 121_000).bytes), .fromFuture),
      (line("relation", alice.relation(to: bob).bytes), nil),
      (line("contradiction", proof.bytes), nil), (line("contradiction", forgedProof), .forged),
      (line("contradiction", alice.relation(to: bob).bytes), .malformed),
      (String(repeating: " ", count: 5_000) + line("binding", good.bytes), .tooLong),
      (String(repeating: "[", count: 4_000), .malformed),
    ]
    let outcomes = RecordReading(at: RecordFixture.now).read(cases.map(\.0))
    for (outcome, (line, refusal)) in zip(outcomes, cases) {
      switch outcome {
      case .success: #expect(refusal == nil, "\(line.prefix(60))")
      case .failure(let found): #expect(found == refusal, "\(line.prefix(60))")
      }
    }
    let late = RecordReading(at: RecordFixture.time(90_000_000)).read([cases[0].0])
    #expect(late == [.failure(.expired)])
  }

  @Test("what a line says in words does not count, only the bytes")
  func wordsDoNotCount() throws {
    try store.apply([.binding(alice.binding(name: "alice"))])
    let line = try lines(of: store)[0].replacingOccurrences(of: "203.0.113.1", with: "203.0.113.9")
    let outcome = try RecordReading(at: RecordFixture.now).read([line])[0].get()
    #expect(outcome == .binding(alice.binding(name: "alice")))
  }

  @Test(
    "a cursor that no page gave is refused",
    arguments: ["", "binding", "binding.", "binding.x", "binding.1.2", "song.1", "relation.1.2"])
  func badCursor(_ cursor: String) throws {
    #expect(try store.page(after: cursor, types: RelationTypes()) == nil)
  }
}
