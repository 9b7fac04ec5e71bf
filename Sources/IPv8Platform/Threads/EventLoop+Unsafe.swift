import CIPv8Linux
import Glibc
import IPv8Wire

/// Waits for descriptors and for one deadline.
///
/// The deadline is a timer on the boot-time clock, so it is exact to the clock's resolution and is
/// due when the machine wakes from sleep. It is set anew only when the deadline comes nearer: one
/// that has moved away costs a wake-up in vain, of which there are fewer than of moves.
public struct EventLoop: ~Copyable {
  /// Names a registered descriptor to its owner.
  public struct Token: Hashable, Sendable {
    public let value: UInt32

    public init(_ value: UInt32) { self.value = value }
  }

  private static let timerToken = UInt64.max

  private let epoll: FileDescriptor
  private let timer: FileDescriptor
  private var armed: Timestamp?
  private var tokens = [UInt64](repeating: 0, count: Int(CIPV8_BATCH))

  public init() throws(SystemError) {
    let epoll = FileDescriptor(
      owning: try retrying(.epollCreate) { epoll_create1(Int32(EPOLL_CLOEXEC)) })
    let flags = Int32(TFD_CLOEXEC) | Int32(TFD_NONBLOCK)
    let timer = FileDescriptor(
      owning: try retrying(.timerCreate) { timerfd_create(CLOCK_BOOTTIME, flags) })
    try checked(.epollAdd, cipv8_epoll_add(epoll.number, timer.number, Self.timerToken, 1))
    self.epoll = epoll
    self.timer = timer
  }

  /// Watches `descriptor` for input, level-triggered, until it is removed or closed.
  public func add(
    _ descriptor: borrowing FileDescriptor, token: Token
  ) throws(SystemError) {
    try checked(
      .epollAdd, cipv8_epoll_add(epoll.number, descriptor.number, UInt64(token.value), 0))
  }

  /// Watches for signals of `waker`.
  public func add(_ waker: Waker, token: Token) throws(SystemError) {
    try checked(
      .epollAdd, cipv8_epoll_add(epoll.number, waker.descriptor.number, UInt64(token.value), 1))
  }

  /// Watches the connection of `exchange` until it is closed.
  public func add(_ exchange: borrowing TCPExchange, token: Token) throws(SystemError) {
    try checked(
      .epollAdd,
      cipv8_epoll_add_stream(epoll.number, exchange.descriptor.number, UInt64(token.value)))
  }

  public func remove(_ descriptor: borrowing FileDescriptor) throws(SystemError) {
    try checked(.epollRemove, cipv8_epoll_remove(epoll.number, descriptor.number))
  }

  /// Waits until a descriptor is ready or `deadline` has come; nil waits without end.
  ///
  /// - Parameter ready: replaced by the tokens of what is ready; empty when the deadline came.
  public mutating func wait(
    until deadline: Timestamp?, into ready: inout [Token]
  ) throws(SystemError) {
    ready.removeAll(keepingCapacity: true)
    let due = deadline.map { $0 <= SystemClock.now() } ?? false
    if !due { try arm(deadline == .distantFuture ? nil : deadline) }
    let timeout: Int32 = due ? 0 : -1
    while true {
      // Sound: the capacity given is the array's count.
      let count = unsafe cipv8_epoll_wait(epoll.number, &tokens, Int32(tokens.count), timeout)
      if count == -EINTR { continue }
      var isOver = due
      for token in tokens.prefix(Int(try checked(.epollWait, count))) {
        if token == Self.timerToken {
          armed = nil
          isOver = isOver || deadline.map { $0 <= SystemClock.now() } ?? false
        } else {
          ready.append(Token(UInt32(truncatingIfNeeded: token)))
        }
      }
      if isOver || !ready.isEmpty { return }
      // The timer was set for an earlier deadline.
      try arm(deadline == .distantFuture ? nil : deadline)
    }
  }

  private mutating func arm(_ deadline: Timestamp?) throws(SystemError) {
    if let armed, let deadline, armed <= deadline { return }
    guard deadline != armed else { return }
    try checked(.timerSet, cipv8_timer_set(timer.number, deadline?.nanoseconds ?? 0))
    armed = deadline
  }
}
