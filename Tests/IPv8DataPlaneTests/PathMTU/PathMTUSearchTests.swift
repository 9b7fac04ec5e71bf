import IPv8Wire
import Testing

@testable import IPv8DataPlane

/// A way whose two ends answer questions, in virtual time.
struct SearchedPath {
  var search: PathMTUSearch
  var now = Timestamp(nanoseconds: 1_000_000_000_000)
  /// Longer records vanish; nil where nothing arrives.
  var limit: Int?
  var roundTrip = Interval.milliseconds(40)
  /// Which of the long questions vanish all the same, counted from 0.
  var lost: Set<Int> = []
  private(set) var probes: [Int] = []
  private var answers: [(at: Timestamp, token: UInt64)] = []
  private var serial: UInt64 = 0

  init(limit: Int?, maximum: Int = 1309, isTrusted: Bool = true) {
    self.limit = limit
    search = PathMTUSearch(maximum: maximum, isTrusted: isTrusted)
  }

  mutating func tokens() -> PathMTUSearch.Tokens {
    serial += 2
    return PathMTUSearch.Tokens(probe: serial, companion: serial + 1)
  }

  mutating func begin() { search.begin(at: now, tokens()) }
  mutating func suspect() { search.suspect(at: now, tokens()) }
  mutating func refuse(_ byteCount: Int) { search.refused(byteCount, at: now, tokens()) }

  /// Lets time pass until nothing is to be asked any more, or `interval` is over.
  mutating func run(
    for interval: Interval = .seconds(100), until isDone: (Self) -> Bool = { _ in false }
  ) {
    let end = now + interval
    while !isDone(self) {
      let next = [search.nextDeadline, answers.first?.at].compactMap { $0 }.min()
      guard let next, next <= end else { break }
      now = max(now, next)
      while let answer = answers.first, answer.at <= now {
        answers.removeFirst()
        _ = search.answered(answer.token, at: now, tokens())
      }
      while let probe = search.advance(to: now, smoothed: roundTrip, tokens()) {
        let isLost = lost.contains(probes.count)
        probes.append(probe.size)
        guard let limit else { continue }
        if probe.size <= limit, !isLost {
          answers.append((now + roundTrip, probe.tokens.probe))
        }
        answers.append((now + roundTrip, probe.tokens.companion))
      }
    }
    if !isDone(self) { now = end }
  }
}

@Suite("The search for a path's MTU")
struct PathMTUSearchTests {
  @Test("a way that takes all is asked once, and trusted meanwhile")
  func wide() {
    var path = SearchedPath(limit: 1309)
    #expect(path.search.nextDeadline == nil)
    path.begin()
    #expect(path.search.size == 1309 && !path.search.isSettled)
    path.run()
    #expect(path.search.state == .complete && path.search.size == 1309)
    #expect(path.probes == [1309])
  }

  @Test("usual packets cross at once on an interface for larger ones")
  func usual() {
    var path = SearchedPath(limit: 1449, maximum: 1449)
    #expect(path.search.size == 1309 && path.search.isUnrefuted)
    path.begin()
    #expect(path.search.size == 1309 && path.search.isUnrefuted)
    path.run()
    #expect(path.search.size == 1449 && path.probes == [1449])
    var narrow = SearchedPath(limit: 1400, maximum: 1449)
    narrow.begin()
    narrow.run(until: { $0.probes.count > 1 })
    #expect(narrow.search.size == 1200, "one lost question is enough")
    narrow.run()
    #expect(!narrow.search.isUnrefuted && narrow.search.size > 1392)
  }

  @Test("any limit is found from below, within 8 bytes", arguments: [1309, 9029])
  func limits(maximum: Int) {
    for limit in stride(from: 548, through: maximum, by: maximum > 2_000 ? 97 : 3) {
      for isTrusted in [true, false] {
        var path = SearchedPath(limit: limit, maximum: maximum, isTrusted: isTrusted)
        path.begin()
        path.run()
        #expect(path.search.state == .complete)
        #expect(path.search.size <= limit && path.search.size > limit - 9, "\(limit)")
        #expect(path.probes.count <= 50, "\(path.probes)")
      }
    }
  }

  @Test("data fits after less than a second, whatever the way takes")
  func recovery() {
    for limit in [548, 700, 1096, 1199, 1200, 1252, 1308] {
      var path = SearchedPath(limit: limit)
      let start = path.now
      path.begin()
      path.run { $0.search.size <= limit }
      #expect(path.search.size <= limit)
      #expect(path.now - start < .seconds(1), "\(limit): \((path.now - start).milliseconds) ms")
    }
  }

  @Test("single losses change nothing")
  func losses() {
    for lost in [[0], [0, 1], [1]] as [Set<Int>] {
      var path = SearchedPath(limit: 1309)
      path.lost = lost
      path.begin()
      path.run()
      #expect(path.search.size == 1309)
      #expect(path.probes.allSatisfy { $0 == 1309 } && path.probes.count <= 3)
    }
  }

  @Test("three losses of chance cost a moment: the size is asked for again")
  func chance() {
    var path = SearchedPath(limit: 1309)
    path.lost = [0, 1, 2]
    path.begin()
    path.run()
    #expect(path.search.state == .complete && path.search.size == 1309)
    #expect(path.probes == [1309, 1309, 1309, 1200, 1309])
  }

  @Test("silence says nothing of sizes, and ends in few questions")
  func silence() {
    var path = SearchedPath(limit: nil)
    path.begin()
    path.run()
    #expect(path.search.size == 1309 && path.probes.count == PathMTUSearch.silences)
    #expect(path.search.nextDeadline == nil && !path.search.isBegun)
    path.limit = 1100
    path.begin()
    path.run()
    #expect((1092...1100).contains(path.search.size))
  }

  @Test("a black hole is left in less than a second, once it is suspected")
  func blackHole() {
    for limit in [600, 1096, 1252] {
      var path = SearchedPath(limit: 1309)
      path.begin()
      path.run()
      path.limit = limit
      let start = path.now
      path.suspect()
      path.run { $0.search.size <= limit }
      #expect(path.search.size <= limit && path.now - start < .seconds(1))
      path.run()
      #expect(path.search.state == .complete && path.search.size > limit - 9)
    }
  }

  @Test("suspicion of a sound way costs one question a second at most")
  func suspicion() {
    var path = SearchedPath(limit: 1309)
    path.begin()
    path.run()
    let asked = path.probes.count
    for _ in 0..<100 {
      path.suspect()
      path.run(for: .milliseconds(50))
    }
    #expect(path.search.size == 1309)
    #expect(path.probes.count - asked <= 6)
  }

  @Test("what the kernel refuses is believed at once, and nothing more")
  func refusals() {
    var path = SearchedPath(limit: 1252)
    path.begin()
    path.refuse(1309)
    #expect(path.search.size == 1200)
    path.refuse(1309)
    #expect(path.search.size == 1200)
    path.run()
    #expect((1244...1252).contains(path.search.size))
    // Too short for any IPv4 host.
    path.refuse(100)
    #expect(path.search.size > 1200)
  }

  @Test("a way that grew is found to after 600 s, one that shrank unseen too")
  func raise() {
    var path = SearchedPath(limit: 1252)
    path.begin()
    path.run(for: .seconds(30))
    #expect(path.search.size < 1253)
    path.limit = 1309
    path.run(for: .seconds(560))
    #expect(path.search.size < 1253)
    path.run(for: .seconds(30))
    #expect(path.search.state == .complete && path.search.size == 1309)
    path.limit = 1252
    path.run(for: .seconds(620))
    #expect((1244...1252).contains(path.search.size))
  }
}
