import IPv8Directory
import IPv8Store
import IPv8Wire

extension Store {
  /// Peers that can be blocked.
  static let blockedLimit = 1_024

  /// Whom the user blocked.
  func blockedPeers() throws(StoreError) -> Set<PermID> {
    let text = try setting(.blocked) ?? ""
    return Set(text.split(separator: "\n").compactMap { PermID(text: String($0)) })
  }

  /// False where there is no room for one more.
  func block(_ permID: PermID, _ isBlocked: Bool) throws(StoreError) -> Bool {
    var blocked = try blockedPeers()
    guard blocked.contains(permID) != isBlocked else { return true }
    if isBlocked {
      guard blocked.count < Self.blockedLimit else { return false }
      blocked.insert(permID)
    } else {
      blocked.remove(permID)
    }
    let text = blocked.sorted().map(\.description).joined(separator: "\n")
    try setSetting(.blocked, to: text.isEmpty ? nil : text)
    return true
  }

  /// Whom to let in, as the user commanded it; nil where the configuration decides.
  func admission() throws(StoreError) -> AdmissionPolicy? {
    try setting(.admit).flatMap { AdmissionPolicy(rawValue: $0) }
  }
}
