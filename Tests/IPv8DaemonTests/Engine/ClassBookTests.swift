import IPv8DataPlane
import IPv8Wire
import Testing

@testable import IPv8Daemon

@Suite("A book of declared classes")
struct ClassBookTests {
  private static let start = Timestamp(nanoseconds: 1_000_000_000)

  private static func peer(_ number: UInt8) throws -> PermID {
    try #require(PermID([UInt8](repeating: number, count: PermID.byteCount)))
  }

  private static func subject(_ peer: UInt8, port: UInt16? = nil) throws -> ClassBook.Subject {
    let flow = port.map {
      DeclaredFlow(isIPv6: true, transport: IPProtocol.tcp, localPort: $0, remotePort: 22)
    }
    return ClassBook.Subject(peer: try Self.peer(peer), flow: flow)
  }

  private static func entry(
    _ subject: ClassBook.Subject, _ kind: TrafficClass = .background, seconds: Int64 = 10
  ) -> ClassBook.Entry {
    ClassBook.Entry(subject: subject, kind: kind, until: start + .seconds(seconds))
  }

  @Test("ends each when its time is over, and not before")
  func ends() throws {
    var book = ClassBook()
    #expect(book.nextDeadline == .distantFuture)
    let (short, long) = (try Self.subject(2, port: 1), try Self.subject(2))
    _ = book.set(Self.entry(long, seconds: 20))
    _ = book.set(Self.entry(short))
    #expect(book.nextDeadline == Self.start + .seconds(10))
    let early = book.takeEnded(at: Self.start + .seconds(9))
    let due = book.takeEnded(at: Self.start + .seconds(10))
    #expect(early.isEmpty && due.map(\.subject) == [short])
    #expect(book[short] == nil && book[long] == .background)
    #expect(book.nextDeadline == Self.start + .seconds(20))
  }

  @Test("renews one by declaring it again")
  func renews() throws {
    var book = ClassBook()
    let subject = try Self.subject(2, port: 1)
    _ = book.set(Self.entry(subject))
    _ = book.set(Self.entry(subject, .interactive, seconds: 30))
    #expect(book.entries == [Self.entry(subject, .interactive, seconds: 30)])
    let ended = book.takeEnded(at: Self.start + .seconds(29))
    #expect(ended.isEmpty)
  }

  @Test("holds 256 at most, renews them when it is full, and has room again")
  func limit() throws {
    var book = ClassBook()
    for port in 1...256 as ClosedRange<UInt16> {
      let isTaken = book.set(Self.entry(try Self.subject(2, port: port)))
      #expect(isTaken)
    }
    let more = try Self.subject(2, port: 257)
    let isTooMany = !book.set(Self.entry(more))
    #expect(isTooMany && book[more] == nil && book.entries.count == 256)
    let known = try Self.subject(2, port: 7)
    let isRenewed = book.set(Self.entry(known, .normal))
    #expect(isRenewed && book[known] == .normal)
    book.remove(known)
    let isTaken = book.set(Self.entry(more))
    #expect(isTaken)
  }

  @Test("forgets a peer with all its flows, and no other")
  func peers() throws {
    var book = ClassBook()
    let kept = try Self.subject(3, port: 1)
    for subject in [try Self.subject(2), try Self.subject(2, port: 1), kept] {
      _ = book.set(Self.entry(subject))
    }
    #expect(book.entries(of: try Self.peer(2)).count == 2)
    book.removeAll(of: try Self.peer(2))
    #expect(book.entries.map(\.subject) == [kept])
  }
}
