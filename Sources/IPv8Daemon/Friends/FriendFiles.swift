import IPv8Control
import IPv8Platform
import IPv8Social
import IPv8Wire

/// Files of contacts, proofs and keys, read and brought together.
public struct FriendFiles: Sendable {
  /// What of a file counted for nothing.
  public struct Refused: Sendable {
    public let file: String
    public let proofs: [RefusedProof]
  }

  public let format: ContactFormat
  private let list: ContactList
  private let proven: AccountProofs?
  /// Of the files of keys and of proofs; those without refusals are not there.
  public let refused: [Refused]

  /// - Parameter format: nil to guess it.
  public init(
    contacts: String, format: ContactFormat?, proofs: String?, keys: [String]
  ) throws(FriendFileError) {
    let now = SystemClock.wallTime()
    let bytes = try Self.read(contacts, limit: ContactList.fileLimit)
    guard let format = format ?? ContactFormat(guessing: bytes) else {
      throw .formatUnknown(contacts)
    }
    self.format = format
    var refused: [Refused] = []
    var published = PublishedKeys()
    for file in keys {
      let before = published.refused.count
      let bytes = try Self.read(file, limit: PublishedKeys.fileLimit)
      published.add(bytes, fileName: file, at: now)
      let new = Array(published.refused[before...])
      if !new.isEmpty { refused.append(Refused(file: file, proofs: new)) }
    }
    var proven: AccountProofs?
    if let proofs {
      let bytes = try Self.read(proofs, limit: AccountProofs.fileLimit)
      let found = AccountProofs(bytes, keys: published, at: now)
      if !found.refused.isEmpty { refused.append(Refused(file: proofs, proofs: found.refused)) }
      proven = found
    }
    self.refused = refused
    self.proven = proven
    list = ContactList(bytes, format)
  }

  /// What the files come to.
  ///
  /// - Parameter own: this machine's PermID, if it has one.
  public func found(own: PermID?) -> FriendImport {
    FriendImport(list, proofs: proven, own: own)
  }

  private static func read(_ path: String, limit: Int) throws(FriendFileError) -> [UInt8] {
    do throws(FileError) {
      return try File.read(path, limit: limit).bytes
    } catch {
      throw .unreadable(path, reason: error.text, isPermission: error == .notPermitted)
    }
  }
}

extension AccountStatement {
  /// What `account` is to sign on this machine now.
  public init(account: Account, permID: PermID) {
    self.init(account: account, permID: permID, time: SystemClock.wallTime())
  }
}

/// Why a file of the user's could not be used.
public enum FriendFileError: Error, Equatable {
  case unreadable(String, reason: String, isPermission: Bool)
  case formatUnknown(String)
}

extension FriendFileError: ExplainedError {
  public var explanation: String {
    switch self {
    case .unreadable(let file, let reason, _): "\(file): cannot be read: \(reason)"
    case .formatUnknown(let file): "\(file): of no known format; say which by --format"
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .unreadable(_, _, let isPermission): isPermission ? .noPermission : .noInput
    case .formatUnknown: .usage
    }
  }
}
