import Glibc

/// A child's end of the socket pair that ``DetachedProcess`` gave it.
public struct ReadinessReport: ~Copyable, Sendable {
  private let parent: FileDescriptor

  /// Takes over the inherited descriptor; nil if there is none. Call it once, before any
  /// descriptor is opened, and only where the command line says that this is such a child.
  public init?() {
    let number = DetachedProcess.reportDescriptor
    guard fcntl(number, F_SETFD, FD_CLOEXEC) == 0 else { return nil }
    parent = FileDescriptor(owning: number)
  }

  /// Leaves the descriptor to the program that takes this one's place.
  public borrowing func outlivesProgram() { _ = fcntl(parent.number, F_SETFD, 0) }

  /// Sends the report and closes this end. EPIPE when the parent is gone.
  ///
  /// - Parameter report: at most ``DetachedProcess/reportLimit`` bytes, and at least one.
  public consuming func send(_ report: [UInt8]) throws(SystemError) {
    precondition(
      (1...DetachedProcess.reportLimit).contains(report.count), "a report that the parent reads")
    try parent.send(report)
  }
}
