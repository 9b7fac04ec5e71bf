/// What can be asked and said about the classes of traffic; a part of ``ControlBackend``.
public protocol ClassBackend: Sendable {
  /// What is declared, the first declared first.
  func classes() async throws(ControlError) -> [ClassReport]
  /// Declares or renews the class of a socket's flow, or of what to a peer nothing else is said of.
  func setClass(
    of subject: PathQuery, _ wish: ClassWish
  ) async throws(ControlError) -> ClassReport
  /// Takes it back, if there is one.
  func removeClass(of subject: PathQuery) async throws(ControlError)
}
