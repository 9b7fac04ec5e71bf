import IPv8Wire

/// Looking for peers that introduce us to one peer.
///
/// Rules:
/// - two introducers are wanted, so that one's relay is warm when the other's ends;
/// - no more are asked at once than are wanted; one that refuses, or is silent for half a second, makes
///   room for the next;
/// - when all were asked, those that gave no answer are asked again, ever more rarely.
struct IntroductionSearch: Sendable {
  /// Introducers that are wanted, and asked at once at most.
  static let wanted = RelayEnd.limit
  static let silence = Interval.milliseconds(500)
  static let longestWait = Interval.seconds(60)
  /// An answer after this is nobody's.
  static let memory = Interval.seconds(5)
  /// Questions that are remembered.
  static let questionLimit = 32

  struct Question: Sendable {
    let introducer: PeerIndex
    let at: Timestamp
    var isSilent = false
  }

  private(set) var questions: [IntroductionID: Question] = [:]
  /// Asked since all were to be asked anew.
  private(set) var tried: Set<PeerIndex> = []
  private(set) var found: Set<PeerIndex> = []
  private(set) var nextAt: Timestamp
  private var wait = silence
  /// Ends when everyone was asked once.
  let isSinglePass: Bool

  init(isSinglePass: Bool, at now: Timestamp) {
    self.isSinglePass = isSinglePass
    nextAt = now
  }

  var isSatisfied: Bool { found.count >= Self.wanted }

  /// Whether someone may still answer in time.
  var isWaiting: Bool { questions.values.contains { !$0.isSilent } }

  /// How many more may be asked now.
  var room: Int {
    max(0, Self.wanted - found.count - questions.values.count { !$0.isSilent })
  }

  mutating func ask(_ introducer: PeerIndex, _ id: IntroductionID, at now: Timestamp) {
    if questions.count >= Self.questionLimit, let oldest = oldest { questions[oldest] = nil }
    questions[id] = Question(introducer: introducer, at: now)
    tried.insert(introducer)
  }

  private var oldest: IntroductionID? {
    questions.min { ($0.value.at, $0.key.value) < ($1.value.at, $1.key.value) }?.key
  }

  /// The question that `introducer` answers, with the time that it took; nil for none.
  mutating func answered(
    _ id: IntroductionID, by introducer: PeerIndex, at now: Timestamp
  ) -> Interval? {
    guard let question = questions[id], question.introducer == introducer else { return nil }
    questions[id] = nil
    guard now - question.at <= Self.memory else { return nil }
    found.insert(introducer)
    return now - question.at
  }

  /// Whether that question was open.
  mutating func refused(_ id: IntroductionID, by introducer: PeerIndex) -> Bool {
    guard questions[id]?.introducer == introducer else { return false }
    questions[id] = nil
    return true
  }

  /// Marks who was silent too long. Returns them.
  mutating func tire(at now: Timestamp) -> [PeerIndex] {
    var silent: [PeerIndex] = []
    for (id, question) in questions where !question.isSilent {
      guard now - question.at >= Self.silence else { continue }
      questions[id]?.isSilent = true
      silent.append(question.introducer)
    }
    return silent.sorted { $0.value < $1.value }
  }

  /// Those still asked are waited for; nobody else is left to ask, or nobody else is wanted.
  mutating func pause(at now: Timestamp) {
    if let open = questions.values.filter({ !$0.isSilent }).map({ $0.at + Self.silence }).min() {
      nextAt = open
      return
    }
    nextAt = now + wait
    wait = min(wait * 2, Self.longestWait)
    tried = found
  }

  mutating func forget(_ peer: PeerIndex) {
    found.remove(peer)
    tried.remove(peer)
    questions = questions.filter { $0.value.introducer != peer }
  }
}
