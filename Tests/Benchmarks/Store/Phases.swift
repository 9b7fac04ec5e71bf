import IPv8Crypto
import IPv8Directory
import IPv8Records
import IPv8Store
import IPv8Wire

/// What is measured, each in a process of its own; all about one file.
struct Phases {
  let path: String
  let count: Int
  let relations: Int
  let sample: Sample

  private func store(cached: Int = 16_384) throws -> RecordStore {
    try RecordStore(path: path, capacity: RecordCapacity(peers: 2 * count), cached: cached)
  }

  /// New rows, then newer ones for a part of them, each in batches of the two sizes.
  func fill() throws {
    let store = try store()
    let half = count / 2
    row(
      "new bindings/s, batches of 1,000",
      text(try rate(0..<half, 1_000, store) { .binding(sample.binding($0)) }))
    row(
      "new bindings/s, batches of 8,192",
      text(try rate(half..<count, 8_192, store) { .binding(sample.binding($0)) }))
    let some = min(count, 100_000)
    row(
      "newer bindings/s, batches of 1,000",
      text(
        try rate(0..<some, 1_000, store) {
          .binding(sample.binding($0 &* 7_919 % count, version: 90_000_000))
        }))
    if relations > 0 {
      row(
        "new relations/s, batches of 8,192",
        text(try rate(0..<relations, 8_192, store) { .relation(sample.relation($0, of: count)) }))
    }
    try store.close()
  }

  private func rate(
    _ numbers: Range<Int>, _ batch: Int, _ store: RecordStore, _ make: (Int) -> RecordChange
  ) throws -> Double {
    var spent = 0.0
    var number = numbers.lowerBound
    while number < numbers.upperBound {
      let changes = (number..<min(number + batch, numbers.upperBound)).map(make)
      spent += try seconds { try store.apply(changes) }
      number += batch
    }
    return Double(numbers.count) / spent
  }

  /// From nothing to all records in the hands of whoever asked.
  func load(keeping: Bool) throws {
    let before = memory("VmRSS")
    var bindings: [[SignedBinding]] = []
    var relations: [[SignedRelation]] = []
    var seen = 0
    let start = seconds()
    let store = try store()
    let opened = seconds()
    let isWhole = try store.load { records in
      switch records {
      case .bindings(let batch):
        seen += batch.count
        if keeping { bindings.append(batch) }
      case .relations(let batch):
        seen += batch.count
        if keeping { relations.append(batch) }
      case .contradictions(let batch): seen += batch.count
      }
    }
    let end = seconds()
    guard isWhole else { leave("damaged rows") }
    let how = keeping ? ", kept in memory" : ", not kept"
    row("open, ms\(how)", text((opened - start) * 1e3))
    row("open and load \(seen) records, s\(how)", text(end - start))
    row(
      "memory before and after, MB\(how)",
      "\(text(before)) → \(text(memory("VmRSS"))), at most \(text(memory("VmHWM")))")
    withExtendedLifetime((bindings, relations)) {}
    try store.close()
  }

  /// From nothing to a directory with all records, as the daemon starts.
  func start() throws {
    let before = memory("VmRSS")
    let (clock, processor) = (seconds(), processorSeconds())
    let store = try store()
    var settings = DirectorySettings()
    settings.recordCapacity = DirectorySettings.recordCapacityLimit
    settings.strangerTwentieths = 20
    var directory = Directory(own: sample.permID(count), settings: settings, seed: 1)
    let now = Moment(
      boot: Timestamp(nanoseconds: 1), wall: WallTime(milliseconds: Sample.start + 86_400_000))
    directory.reserve(peers: store.peerBound())
    let isWhole = try store.load(preparing: { PreparedRecords($0) }) {
      directory.load($0, at: now)
    }
    let loaded = seconds()
    directory.finishLoading(at: now)
    let (end, used) = (seconds(), processorSeconds() - processor)
    guard isWhole, directory.size.bindings == count else { leave("records are missing") }
    row("until all records are in the tables, s", text(loaded - clock))
    row("open, load and fill a directory, s", text(end - clock))
    row("processor time of that, s", text(used))
    row(
      "memory before and after, MB, with a directory",
      "\(text(before)) → \(text(memory("VmRSS"))), at most \(text(memory("VmHWM")))")
    withExtendedLifetime(directory) {}
    try store.close()
  }

  /// Single look-ups, of any peer and of those that the cache has.
  func lookUp() throws {
    let uncached = try store(cached: 1)
    row(
      "look-up by PermID without the cache, µs: p50, p99, most",
      try lookUps(uncached, 50_000, of: count) { try $0.binding(of: $1.0) })
    row(
      "look-up by address without the cache, µs: p50, p99, most",
      try lookUps(uncached, 50_000, of: count) { try $0.binding(at: $1.1) })
    try uncached.close()
    let cached = try store()
    _ = try lookUps(cached, 8_000, of: 8_000) { try $0.binding(of: $1.0) }
    row(
      "look-up through the cache, µs: p50, p99, most",
      try lookUps(cached, 200_000, of: 8_000) { try $0.binding(of: $1.0) })
    let clock = seconds()
    let isSound = try cached.check()
    row("looking at all pages (\(isSound ? "sound" : "damaged")), s", text(seconds() - clock))
    try cached.close()
  }

  private func lookUps(
    _ store: RecordStore, _ times: Int, of count: Int,
    _ body: (RecordStore, (PermID, OverlayAddress)) throws -> SignedBinding?
  ) throws -> String {
    var random = SeededRandom(seed: 7)
    var figures: [Double] = []
    for _ in 0..<times {
      let permID = sample.permID(Int(random.next() % UInt64(count)))
      let key = (permID, OverlayAddress(of: permID))
      let start = seconds()
      let found = try body(store, key)
      figures.append((seconds() - start) * 1e6)
      guard found?.record.permID == permID else { leave("a binding is missing") }
    }
    return [quantile(figures, 0.5), quantile(figures, 0.99), figures.max() ?? 0].map(text)
      .joined(separator: ", ")
  }

  func verify() {
    let count = 20_000
    let records = (0..<count).map { sample.signedBinding($0).bytes }
    let now = WallTime(milliseconds: Sample.start + 86_400_000)
    for workers in [1, RecordVerifier.processors] {
      let verifier = RecordVerifier(workers: workers)
      var good = 0
      let time = seconds {
        good = verifier.bindings(records, at: now).reduce(0) { sum, result in
          if case .success = result { sum + 1 } else { sum }
        }
      }
      guard good == count else { leave("\(count - good) good records refused") }
      row("verified bindings/s, \(workers) threads", text(Double(count) / time))
    }
  }
}
