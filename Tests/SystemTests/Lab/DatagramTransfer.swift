import Foundation
import IPv8Wire

/// Many UDP datagrams of many sizes, alone and in runs that the kernel is to cut, sent again until
/// each has arrived; every one that arrives is compared with what was sent.
struct DatagramTransfer {
  struct Report: Equatable {
    /// Arrived more than once.
    var doubled = 0
    /// Arrived as something that was never sent.
    var damaged = 0
    /// Never arrived.
    var missing = 0
  }

  /// Round and number, at the front of each.
  private static let header = 6
  /// How often what is missing is sent again.
  private static let roundLimit = 30

  /// Runs of equal sizes, the last of each may be shorter.
  private let runs: [[Int]]

  /// - Parameter largest: payload bytes.
  init(runs count: Int, largest: Int, seed: UInt64) {
    var random = SeededRandom(seed: seed)
    runs = (0..<count).map { _ in
      let size = Int.random(in: Self.header...largest, using: &random)
      let most = min(40, 60_000 / size)
      let last = Int.random(in: Self.header...size, using: &random)
      return Array(repeating: size, count: Int.random(in: 0..<most, using: &random)) + [last]
    }
  }

  /// Sends to `address` from `near`; `far` listens there, on port 7000.
  func run(from near: NamespaceSocket, to address: String, _ far: NamespaceSocket) throws
    -> Report
  {
    var report = Report()
    var sizes: [Int] = []
    var arrived: Set<[UInt8]> = []
    var missing: Set<Int> = []
    func drain(within seconds: Double) {
      while let datagram = far.receive(within: seconds) {
        let bytes = datagram.bytes
        let number = bytes.count < Self.header ? -1 : Self.number(bytes)
        guard sizes.indices.contains(number),
          bytes == Self.datagram(number, round: bytes[0], sizes[number])
        else {
          report.damaged += 1
          continue
        }
        if !arrived.insert(Array(bytes.prefix(Self.header))).inserted { report.doubled += 1 }
        missing.remove(number)
      }
    }
    for run in runs {
      let first = sizes.count
      sizes += run
      missing.formUnion(first..<sizes.count)
      try near.cut(at: run[0])
      let bytes = run.enumerated().flatMap {
        Self.datagram(first + $0.offset, round: 0, $0.element)
      }
      try near.send(bytes, to: address, port: 7_000)
      drain(within: 0)
    }
    try near.cut(at: 0)
    drain(within: 1)
    for round in 1...UInt8(Self.roundLimit) where !missing.isEmpty {
      for number in missing.sorted() {
        try near.send(
          Self.datagram(number, round: round, sizes[number]), to: address, port: 7_000)
      }
      drain(within: 1)
    }
    report.missing = missing.count
    return report
  }

  private static func number(_ bytes: [UInt8]) -> Int {
    bytes[1..<5].reduce(0) { $0 << 8 | Int($1) }
  }

  private static func datagram(_ number: Int, round: UInt8, _ size: Int) -> [UInt8] {
    let place = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    return [round] + place + [0]
      + (header..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number &* 7) }
  }
}
