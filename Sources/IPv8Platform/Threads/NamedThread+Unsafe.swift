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
    try self.init(Launch(name: name, state: state, body: body))
  }

  /// Starts a thread that runs `body`.
  public init(name: String, body: @escaping @Sendable () -> Void) throws(SystemError) {
    try self.init(Launch(name: name, body))
  }

  private init(_ launch: Launch) throws(SystemError) { thread = try launch.start() }

  deinit { pthread_detach(thread) }

  /// Waits for the thread to end.
  public consuming func join() {
    pthread_join(thread, nil)
    discard self
  }
}

/// Plain threads that end together; otherwise as ``NamedThread``.
public struct ThreadGroup: ~Copyable, Sendable {
  private var threads: [pthread_t] = []

  public init() {}

  deinit { for thread in threads { pthread_detach(thread) } }

  /// Starts one more thread, which owns `state` and runs `body`.
  public mutating func start<State: ~Copyable>(
    name: String, state: consuming sending State,
    body: @escaping @Sendable (consuming State) -> Void
  ) throws(SystemError) {
    threads.append(try Launch(name: name, state: state, body: body).start())
  }

  /// Waits for all of them to end.
  public consuming func join() {
    for thread in threads { pthread_join(thread, nil) }
    threads = []
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

  convenience init<State: ~Copyable>(
    name: String, state: consuming sending State,
    body: @escaping @Sendable (consuming State) -> Void
  ) {
    let cell = Cell(state)
    self.init(name: name) {
      guard let state = cell.state.take() else { preconditionFailure("a thread runs once") }
      body(state)
    }
  }

  func start() throws(SystemError) -> pthread_t {
    var thread = pthread_t()
    // Sound: the retained reference is taken over by the thread, or released here if none starts.
    let reference = unsafe Unmanaged.passRetained(self)
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
    return thread
  }

  private func run() {
    let kept = String(decoding: name.utf8.prefix(NamedThread.nameLimit), as: UTF8.self)
    // Sound: the name is passed as a C string that lives for the call.
    _ = unsafe cipv8_name_thread(kept)
    body()
  }
}
