import IPv8Wire

/// What a file of another program says of people: for each whom, and how much the user thinks of
/// them where the file has it.
public struct ContactList: Equatable, Sendable {
  public enum Subject: Hashable, Sendable {
    case peer(PermID)
    /// Whose PermID a proof has to say.
    case account(Account)
  }

  public struct Entry: Equatable, Sendable {
    /// Where it begins in the file, from 1.
    public var line: Int
    /// Fit for a petname; nil without one.
    public var name: String?
    public var subject: Subject
    /// 0 to 1; nil where the file does not say.
    public var strength: Double?

    public init(line: Int, name: String?, subject: Subject, strength: Double? = nil) {
      self.line = line
      self.name = name
      self.subject = subject
      self.strength = strength
    }
  }

  /// What of the file is not among the entries.
  public struct Refused: Equatable, Sendable {
    public var line: Int
    public var reason: ContactRefusal

    public init(line: Int, _ reason: ContactRefusal) {
      self.line = line
      self.reason = reason
    }
  }

  /// Bytes of the longest file.
  public static let fileLimit = 16 << 20
  /// Entries and refusals together; what is behind is not read.
  public static let entryLimit = 100_000
  /// Bytes of a line, a field or a value; what is longer is refused where it is of use.
  public static let valueLimit = 4_096

  public internal(set) var entries: [Entry] = []
  public internal(set) var refused: [Refused] = []

  var isFull: Bool { entries.count + refused.count >= Self.entryLimit }

  /// Reads `bytes` in `format`.
  public init(_ bytes: [UInt8], _ format: ContactFormat) {
    guard bytes.count <= Self.fileLimit else {
      refused = [Refused(line: 1, .fileTooLong)]
      return
    }
    switch format {
    case .vCard: VCardReader.read(bytes, into: &self)
    case .csv: CSVContacts.read(bytes, into: &self)
    case .mastodon: MastodonFollows.read(bytes, into: &self)
    case .gitHub: GitHubFollows.read(bytes, into: &self)
    }
  }

  mutating func refuse(_ line: Int, _ reason: ContactRefusal) {
    guard refused.last?.reason != .tooManyEntries else { return }
    refused.append(Refused(line: line, isFull ? .tooManyEntries : reason))
  }

  mutating func add(_ entry: Entry) {
    if isFull { refuse(entry.line, .tooManyEntries) } else { entries.append(entry) }
  }
}

/// Why a part of a file is no contact.
public enum ContactRefusal: Error, Equatable, Sendable {
  /// Over 16 MiB.
  case fileTooLong
  /// Over 100,000; nothing behind was read.
  case tooManyEntries
  /// Over 4,096 bytes.
  case tooLong
  case notUTF8
  /// Not what the format asks for; the words say of what.
  case malformed(String)
  case version(String)
  case quotedPrintable
  /// The header row has none of the needed columns.
  case noColumn
  case fieldCount(expected: Int, found: Int)
  /// Names nobody who could be reached.
  case noPermID
  case severalPermIDs
  /// The text, cut to 64 characters.
  case permIDMalformed(String)
  case accountMalformed(String)
  case strengthMalformed(String)
  /// As an entry before, in that line.
  case duplicate(line: Int)
  case isSelf
  case noProof(Account)
}
