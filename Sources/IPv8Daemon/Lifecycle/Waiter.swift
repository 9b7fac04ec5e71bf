import Dispatch

/// Lets a plain thread wait for asynchronous work to end.
struct Waiter: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)

  func signal() { semaphore.signal() }
  func wait() { semaphore.wait() }
}
