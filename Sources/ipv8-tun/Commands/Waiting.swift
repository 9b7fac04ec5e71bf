import Dispatch
import IPv8Control
import Synchronization

/// The bridge from a command, which is synchronous, to the control API, which is not.
enum Waiting {
  /// Blocks the calling thread until `body` returns.
  static func run<T: Sendable>(
    _ body: @escaping @Sendable () async throws(ControlError) -> T
  ) throws(ControlError) -> T {
    let answer = Answer<T>()
    Task.detached {
      do throws(ControlError) {
        answer.give(.success(try await body()))
      } catch {
        answer.give(.failure(error))
      }
    }
    return try answer.take().get()
  }

  private final class Answer<T: Sendable>: Sendable {
    private let result = Mutex<Result<T, ControlError>?>(nil)
    private let given = DispatchSemaphore(value: 0)

    func give(_ value: Result<T, ControlError>) {
      result.withLock { $0 = value }
      given.signal()
    }

    func take() -> Result<T, ControlError> {
      given.wait()
      guard let value = result.withLock({ $0 }) else {
        preconditionFailure("given before signalled")
      }
      return value
    }
  }
}
