import IPv8Wire

/// What a list of contacts and proofs come to: peers to trust, each once, and why others are none.
public struct FriendImport: Equatable, Sendable {
  public struct Friend: Equatable, Sendable {
    public let line: Int
    public let permID: PermID
    public let name: String?
    /// 0 to 1; nil where the file does not say.
    public let strength: Double?
    /// By whose proof it is this peer; nil where the file has the PermID itself.
    public let account: Account?
  }

  /// In the order of the file.
  public private(set) var friends: [Friend] = []
  public private(set) var refused: [ContactList.Refused]

  /// - Parameter own: this machine's PermID, which is nobody's friend.
  public init(_ list: ContactList, proofs: AccountProofs? = nil, own: PermID? = nil) {
    refused = list.refused
    var lines: [PermID: Int] = [:]
    for entry in list.entries {
      do throws(ContactRefusal) {
        let friend = try Self.friend(entry, proofs)
        if friend.permID == own { throw .isSelf }
        if let line = lines[friend.permID] { throw .duplicate(line: line) }
        lines[friend.permID] = entry.line
        friends.append(friend)
      } catch {
        refused.append(ContactList.Refused(line: entry.line, error))
      }
    }
    refused.sort { $0.line < $1.line }
  }

  private static func friend(
    _ entry: ContactList.Entry, _ proofs: AccountProofs?
  ) throws(ContactRefusal) -> Friend {
    switch entry.subject {
    case .peer(let permID):
      return Friend(
        line: entry.line, permID: permID, name: entry.name, strength: entry.strength, account: nil)
    case .account(let account):
      guard let permID = proofs?.permID(of: account) else { throw .noProof(account) }
      return Friend(
        line: entry.line, permID: permID, name: entry.name, strength: entry.strength,
        account: account)
    }
  }
}
