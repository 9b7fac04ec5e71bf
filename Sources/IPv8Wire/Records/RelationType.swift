/// What a relation says (REL_ID). Numbers are the design note's; others are registered by the user.
public struct RelationType: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt16
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Bytes that ID_1 and ID_2 exchanged; proof only where both signed.
  public static let traffic = RelationType(rawValue: 0)
  public static let similarTaste = RelationType(rawValue: 1)
  public static let moderatorVote = RelationType(rawValue: 2)
  /// A friend, also one imported from a social network.
  public static let friend = RelationType(rawValue: 3)
  /// The design note's place for new types.
  public static let new = RelationType(rawValue: 4)
  /// From here on types are registered at run time.
  public static let firstRegistered = RelationType(rawValue: 5)
}

/// The names of relation types: those of the design note, and what was registered.
public struct RelationTypes: Equatable, Sendable {
  public enum Refusal: Error, Equatable, Sendable {
    /// A type of the design note, or a number that has another name already.
    case numberTaken
    /// The name is another type's.
    case nameTaken
    /// Empty or over 64 bytes of UTF-8.
    case badName
    /// 256 types are registered.
    case full
  }

  /// Types beside those of the design note.
  public static let registeredLimit = 256
  public static let nameByteLimit = 64

  private var names: [RelationType: String] = [
    .traffic: "Peer Traffic Exchange", .similarTaste: "Similar Taste relation",
    .moderatorVote: "Voted as a moderator", .friend: "Facebook Friend", .new: "n e w",
  ]

  public init() {}

  public subscript(type: RelationType) -> String? { names[type] }

  public func type(named name: String) -> RelationType? {
    names.first { $0.value == name }?.key
  }

  /// Registering again what is there changes nothing.
  public mutating func register(_ type: RelationType, name: String) throws(Refusal) {
    guard (1...Self.nameByteLimit).contains(name.utf8.count) else { throw .badName }
    if names[type] == name { return }
    guard names[type] == nil, type.rawValue >= RelationType.firstRegistered.rawValue else {
      throw .numberTaken
    }
    guard self.type(named: name) == nil else { throw .nameTaken }
    guard names.count < 5 + Self.registeredLimit else { throw .full }
    names[type] = name
  }
}
