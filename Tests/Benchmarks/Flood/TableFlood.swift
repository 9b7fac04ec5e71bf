import DirectorySimulator
import Glibc
import IPv8Crypto
import IPv8Directory
import IPv8Records
import IPv8Wire

/// Offers wrong records to a directory as many peers at once would, with honest ones among them.
struct TableFlood {
  private static let enemies: UInt64 = 64
  /// After so many wrong records 10 ms have passed, and a friend has one more.
  private static let round = 1_000
  private static let friends: UInt64 = 200
  /// Wrong records that are made before the clock runs; they come again and again, but forged ones each with
  /// another owner.
  private static let stock = 2_000

  let faults: [Fault]

  private var start: WallTime { WallTime(milliseconds: SimulatedIdentity.start) }

  func run(_ count: Int) {
    let friend = SimulatedIdentity.key(2)
    var directory = IPv8Directory.Directory(own: SimulatedIdentity.key(1).permID, seed: 1)
    directory.addContact(friend.permID, at: moment(0))
    let enemies = (0..<Self.enemies).map { SimulatedIdentity.key(1_000 + $0).permID }
    for peer in enemies + [friend.permID] {
      let secret = SimulatedIdentity.secret(directory.own, peer)
      directory.connected(peer, pairSecret: secret, at: moment(0))
    }
    var supply = Supply(at: start, seed: 7)
    let stock = (0..<Self.stock).flatMap { _ in faults.flatMap { supply.make($0) } }.map(\.bytes)
    let honest = honestRecords(of: friend)
    let before = Self.residentBytes
    let clock = ContinuousClock()
    var spent = Duration.zero
    var (rounds, longest) = (0, 0)
    for first in stride(from: 0, to: count, by: Self.round) {
      rounds += 1
      let now = moment(rounds * 10)
      let wrong = (first..<min(first + Self.round, count)).map {
        faults == [.forged] ? supply.make(.forged)[0].bytes : stock[$0 % stock.count]
      }
      spent += clock.measure {
        for (place, record) in wrong.enumerated() {
          directory.offer(record, from: .peer(enemies[(first + place) % enemies.count]), at: now)
        }
        if rounds <= honest.count {
          directory.offer(honest[rounds - 1], from: .peer(friend.permID), at: now)
        }
        longest = max(longest, directory.size.waiting)
        directory.tick(at: now)
        _ = directory.takeOutputs()
      }
    }
    for step in 1...100 {
      directory.tick(at: moment(rounds * 10 + step * 100))
      _ = directory.takeOutputs()
    }
    let grown = Self.residentBytes - before
    let counters = directory.counters
    let offered = honest.prefix(rounds)
    // What is there is known when it comes again.
    let kept = offered.count {
      directory.offer($0, from: .file, at: moment(rounds * 10 + 20_000)) == .known
    }
    report(count, spent, grown, longest, "\(kept) of \(offered.count)", counters)
  }

  private func moment(_ milliseconds: Int) -> Moment {
    Moment(
      boot: Timestamp(nanoseconds: UInt64(1_000_000_000 + milliseconds * 1_000_000)),
      wall: WallTime(milliseconds: start.milliseconds + UInt64(milliseconds)))
  }

  /// The friend's word of others, each followed by what that one says of itself.
  private func honestRecords(of friend: IdentityKey) -> [[UInt8]] {
    (0..<Self.friends).flatMap { number in
      let key = SimulatedIdentity.key(5_000 + number)
      return [
        SimulatedIdentity.relation(friend, to: key.permID, at: start).bytes,
        SimulatedIdentity.binding(key, at: start).bytes,
      ]
    }
  }

  private func report(
    _ count: Int, _ spent: Duration, _ grown: Int, _ longest: Int, _ kept: String,
    _ counters: DirectoryCounters
  ) {
    let refused = RecordRefusal.allCases.compactMap { refusal in
      counters.refused[refusal].map { "\(refusal.rawValue) \($0)" }
    }
    let nanoseconds = Int(spent / .nanoseconds(1)) / max(count, 1)
    let names = faults == Fault.allCases ? "all" : faults.map(\.rawValue).joined(separator: ", ")
    print(
      "| \(names) | \(count) | \(spent / .milliseconds(1)) ms | \(nanoseconds) ns "
        + "| \(counters.verifications) | \(longest) | \(grown >> 10) KiB "
        + "| \(kept) | \(refused.joined(separator: ", ")) |")
  }

  private static var residentBytes: Int {
    guard let file = fopen("/proc/self/statm", "r") else { leave("no /proc/self/statm") }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { leave("an empty /proc/self/statm") }
    let words = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
      .split(separator: " ")
    return (Int(words[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE))
  }
}
