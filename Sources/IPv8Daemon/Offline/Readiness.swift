import IPv8Control
import IPv8Platform
import IPv8Wire
import Synchronization

/// How a daemon tells whoever started it that it is ready, or why not: the parent that waits at a
/// pipe, and systemd.
public final class Readiness: Sendable {
  private let report: Mutex<ReadinessReport?>

  /// - Parameter isChild: whether ``BackgroundStart`` started this process. Then make this before
  ///   any descriptor is opened.
  public init(isChild: Bool) {
    report = isChild ? Mutex(ReadinessReport()) : Mutex(nil)
  }

  /// To be called once, when the interface carries packets and the socket answers.
  public func ready() {
    ServiceNotifier.ready()
    send(.ready)
  }

  /// To be called when the start failed. Whether somebody waits to be told.
  public func failed(_ error: any ExplainedError) -> Bool {
    send(.failed(error.exitCode, error.explanation))
  }

  /// Begins this program anew, which then reports instead; returns where that fails.
  func restart() {
    report.withLock { report in
      guard let pipe = report.take() else { return }
      pipe.outlivesProgram()
      report = consume pipe
    }
    DetachedProcess.restart()
  }

  @discardableResult
  private func send(_ message: StartMessage) -> Bool {
    report.withLock { report in
      guard let pipe = report.take() else { return false }
      do throws(SystemError) {
        try pipe.send(message.bytes)
        return true
      } catch { return false }
    }
  }
}
