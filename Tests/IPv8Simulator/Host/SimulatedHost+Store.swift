import IPv8Node
import IPv8Wire

extension SimulatedHost {
  /// What the store would keep for the next start.
  func remember(_ note: StoreNote) {
    notes.append(note)
    switch note {
    case .handshakeTime(let permID, let time): update(permID) { $0.handshakeTime = time }
    case .opened(let permID, let endpoint, let time):
      update(permID) {
        $0.seen = endpoint
        $0.lastOpen = time
      }
    case .binding(let binding):
      update(binding.record.permID) { $0.signed = binding.endpoints }
    }
  }

  private func update(_ permID: PermID, _ change: (inout Contact) -> Void) {
    guard let index = contacts.firstIndex(where: { $0.permID == permID }) else { return }
    change(&contacts[index])
  }
}
