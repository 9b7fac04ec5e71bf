import IPv8Control

/// As ``FakeBackend/path(_:)`` knows peers and sockets; one class is declared.
extension FakeBackend {
  func classes() async throws(ControlError) -> [ClassReport] { [Samples.flowClass] }

  func setClass(
    of subject: PathQuery, _ wish: ClassWish
  ) async throws(ControlError) -> ClassReport {
    _ = try await path(subject)
    guard wish.class != "urgent" else { throw ControlError(.classInvalid, wish.class) }
    var report = Samples.flowClass
    report.class = wish.class
    report.secondsLeft = wish.lifetimeSeconds
    return report
  }

  func removeClass(of subject: PathQuery) async throws(ControlError) {
    _ = try await path(subject)
  }
}

extension Samples {
  static let flowClass = ClassReport(
    permID: "p", name: "bob", protocol: "tcp", local: "[fde8::1]:1", remote: "[fde8::2]:2",
    class: "background", secondsLeft: 3)
}
