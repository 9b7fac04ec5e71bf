import IPv8Wire

/// What the holder of an account signs with its published key: who it is on the overlay. One line
/// with one form (docs/protocol/account-proofs.md):
///
///     ipv8-tun: I am ACCOUNT and my PermID is PERMID, as of TIME
public struct AccountStatement: Equatable, Sendable {
  /// The namespace of SSH signatures, and the first word of the line, so that what is signed for
  /// something else is never taken for a proof.
  public static let namespace = "ipv8-tun"
  static let opening = "ipv8-tun: I am "
  private static let middle = " and my PermID is "
  private static let closing = ", as of "
  /// Bytes of the longest line.
  static let byteLimit = 512

  public let account: Account
  public let permID: PermID
  /// Of two statements of an account the later one counts. Whole seconds.
  public let time: WallTime

  public init(account: Account, permID: PermID, time: WallTime) {
    self.account = account
    self.permID = permID
    self.time = WallTime(milliseconds: time.milliseconds / 1000 * 1000)
  }

  /// Nil unless `line`, which is without its end, has just the one form.
  public init?(line: some Collection<UInt8>) {
    guard line.count <= Self.byteLimit, let text = line.text else { return nil }
    var rest = Substring(text)
    func take(_ count: Int) -> Substring {
      defer { rest = rest.dropFirst(count) }
      return rest.prefix(count)
    }
    guard take(Self.opening.count) == Self.opening,
      let end = rest.firstIndex(of: " "), let account = Account(text: rest[..<end])
    else { return nil }
    rest = rest[end...]
    guard take(Self.middle.count) == Self.middle,
      let permID = PermID(text: take(PermID.textLength)),
      take(Self.closing.count) == Self.closing, let time = StatementTime.parse(rest)
    else { return nil }
    self.init(account: account, permID: permID, time: time)
    guard description.utf8.elementsEqual(line) else { return nil }
  }
}

extension AccountStatement: CustomStringConvertible {
  /// The line without its end.
  public var description: String {
    Self.opening + account.description + Self.middle + permID.description + Self.closing
      + StatementTime.text(time)
  }
}
