import IPv8Daemon
import IPv8Social
import IPv8Wire

/// What became of a file of contacts.
struct FriendImportReport: Codable, Equatable, Sendable {
  var format: String
  var friends: [FriendReport]
  /// Parts of the files that count for nothing, and why.
  var refused: [RefusalReport]

  /// Before anything is signed.
  ///
  /// - Parameters:
  ///   - file: of the contacts.
  ///   - strength: of those for whom the file has none, if the user said.
  ///   - own: this machine's PermID, if it has one.
  init(_ files: FriendFiles, file: String, strength: Double?, own: PermID?) {
    let found = files.found(own: own)
    format = files.format.rawValue
    friends = found.friends.map { friend in
      FriendReport(
        line: friend.line, permID: "\(friend.permID)", name: friend.name,
        account: friend.account.map { "\($0)" },
        strength: friend.strength ?? strength ?? Self.standardStrength,
        isStandard: friend.strength == nil && strength == nil)
    }
    refused = files.refused.flatMap { part in
      part.proofs.map { RefusalReport(file: part.file, line: $0.line, reason: $0.reason.text) }
    }
    refused += found.refused.map {
      RefusalReport(file: file, line: $0.line, reason: $0.reason.text)
    }
  }

  /// Of those of whom neither the file nor the user says more: following is less than trusting.
  private static let standardStrength = 0.5
  /// Refusals that the text shows.
  private static let refusalLimit = 20

  var text: String {
    var parts: [String] = []
    if !friends.isEmpty {
      var table = Table("LINE", "NAME", "PERMID", "STRENGTH", "RELATION", "PEER")
      for friend in friends {
        table.add(
          "\(friend.line)", friend.name ?? "-", friend.permID, "\(friend.strength)",
          friend.relation?.rawValue ?? "-", friend.contact?.rawValue ?? "-")
      }
      parts.append(table.text)
    }
    if !refused.isEmpty {
      var lines = refused.prefix(Self.refusalLimit).map { "\($0.file):\($0.line): \($0.reason)" }
      if refused.count > lines.count {
        lines.append("and \(refused.count - lines.count) more; --json has all")
      }
      parts.append(lines.joined(separator: "\n"))
    }
    let signed = friends.count { $0.relation == .signed }
    let added = friends.count { $0.contact == .added || $0.contact == .addedWithoutName }
    parts.append(
      "\(friends.count) found, \(signed) signed, \(added) added as peers, \(refused.count) refused")
    return parts.joined(separator: "\n\n")
  }
}

/// A friend whom a file names.
struct FriendReport: Codable, Equatable, Sendable {
  enum Relation: String, Codable, Sendable {
    case signed
    /// Said before, and left as it is.
    case known
  }

  enum Contact: String, Codable, Sendable {
    case added
    /// Its name is another peer's, or fits none.
    case addedWithoutName = "added without name"
    case known
  }

  var line: Int
  var permID: String
  var name: String?
  /// By whose proof it is this peer.
  var account: String?
  var strength: Double
  /// Neither the file nor the user gave the strength.
  var isStandard: Bool
  var relation: Relation?
  var contact: Contact?
}

/// A part of a file that counts for nothing.
struct RefusalReport: Codable, Equatable, Sendable {
  var file: String
  var line: Int
  var reason: String

  /// - Parameter reason: may quote the file, and so whoever wrote it: what would command a terminal
  ///   is left out.
  init(file: String, line: Int, reason: String) {
    self.file = file
    self.line = line
    let shown = reason.unicodeScalars.map { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: "\u{fffd}" as Unicode.Scalar
      default: scalar
      }
    }
    self.reason = String(String.UnicodeScalarView(shown))
  }
}
