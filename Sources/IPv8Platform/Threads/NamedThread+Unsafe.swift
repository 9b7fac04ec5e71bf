import CIPv8Linux
import Glibc

/// A plain thread that runs one function over state of its own and ends.
///
/// Dropping the value without ``join()`` lets the thread run on by itself.
public struct NamedThread: ~Copyable, Sendable {
  /// What Linux keeps of a thread's name, in bytes.
  public static let nameLimit = 15

  private let thread: pthread_t

  /// Starts a thread that owns `state` (moved there, so it may be `~Copyable`) and runs `body`.
  ///
  /// - Parameter name: cut to ``nameLimit`` bytes.
  public init<State: ~Copyable>(
    name: String, state: consuming sending State,
    body: @escaping @Sendable (consuming State) -> Void
  ) throws(SystemError) {
    let cell = Cell(state)
    try self.init(
      Launch(name: name) {
        guard let state = cell.state.take() else { preconditionFailure("a thread runs once") }
        body(state)
      })
  }

  /// Starts a thread that runs `body`.
  public init(name: String, body: @escaping @Sendable () -> Void) throws(SystemError) {
    try self.init(Launch(name: name, body))
  }

  private init(_ launch: Launch) throws(SystemError) {
    var thread = pthread_t()
    // Sound: the retained reference is taken over by the thread, or released here if none starts.
    let reference = unsafe Unmanaged.passRetained(launch)
    let code = unsafe pthread_create(
      &thread, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<Launch>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, reference.toOpaque())
    guard code == 0 else {
      unsafe reference.release()
      throw SystemError(.threadCreate, errno: code)
    }
    self.thread = thread
  }

  deinit { pthread_detach(thread) }

  /// Waits for the thread to end.
  public consuming func join() {
    pthread_join(thread, nil)
    discard self
  }
}

/// Carries state that cannot be copied into the closure of its thread.
private final class Cell<State: ~Copyable> {
  var state: State?

  init(_ state: consuming State) { self.state = consume state }
}

private final class Launch {
  private let name: String
  private let body: () -> Void

  init(name: String, _ body: @escaping () -> Void) {
    self.name = name
    self.body = body
  }

  func run() {
    let kept = String(decoding: name.utf8.prefix(NamedThread.nameLimit), as: UTF8.self)
    // Sound: the name is passed as a C string that lives for the call.
    _ = unsafe cipv8_name_thread(kept)
    body()
  }
}
