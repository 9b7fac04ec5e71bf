import IPv8DataPlane
import IPv8Node
import IPv8Wire

// The classes of flows and peers, which every lane has to know.

extension ControlLoop {
  /// False where too many are declared.
  mutating func declare(
    _ kind: TrafficClass?, _ subject: ClassBook.Subject, until end: Timestamp
  ) -> Bool {
    let before = classes[subject]
    if let kind {
      let entry = ClassBook.Entry(subject: subject, kind: kind, until: end)
      guard classes.set(entry) else { return false }
    } else {
      classes.remove(subject)
    }
    if kind != before { tellLanes(kind, subject) }
    return true
  }

  /// The lanes know a peer that they may have forgotten meanwhile.
  func declareAll(of permID: PermID) {
    for entry in classes.entries(of: permID) { tellLanes(entry.kind, entry.subject) }
  }

  mutating func endClasses(at now: Timestamp) {
    for entry in classes.takeEnded(at: now) { tellLanes(nil, entry.subject) }
  }

  private func tellLanes(_ kind: TrafficClass?, _ subject: ClassBook.Subject) {
    guard let index = node.index(of: subject.peer) else { return }
    lanes.transmit(.declare(kind, subject.flow, index))
  }
}
