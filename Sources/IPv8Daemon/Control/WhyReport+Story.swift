import IPv8Control
import IPv8Node
import IPv8Wire

extension WhyReport {
  /// - Parameter others: what the local user calls the contacts; "" for no name.
  init(_ story: PathStory, permID: PermID, name: String, others: [PermID: String]) {
    func called(_ permID: PermID) -> String {
      others[permID].flatMap { $0.isEmpty ? nil : $0 } ?? "\(permID)"
    }
    let peer = called(permID)
    self.init(
      permID: "\(permID)", name: name,
      explanation: PathExplanation(story, of: peer, name: called).text,
      events: story.journal.entries.map { entry in
        Event(
          atMilliseconds: Int(clamping: entry.at.wall.milliseconds),
          what: PathExplanation.phrase(entry.event, of: peer, name: called))
      })
  }
}
