import CIPv8Linux
import Glibc
import IPv8Wire

/// Waits for descriptors and for one deadline (``BootTimer``).
public struct EventLoop: ~Copyable {
  /// Names a registered descriptor to its owner.
  public struct Token: Hashable, Sendable {
    public let value: UInt32

    public init(_ value: UInt32) { self.value = value }
  }

  private static let timerToken = UInt64.max

  private let epoll: FileDescriptor
  private var timer: BootTimer
  private var tokens = [UInt64](repeating: 0, count: Int(CIPV8_BATCH))

  public init() throws(SystemError) {
    let epoll = FileDescriptor(
      owning: try retrying(.epollCreate) { epoll_create1(Int32(EPOLL_CLOEXEC)) })
    let timer = try BootTimer()
    try checked(
      .epollAdd, cipv8_epoll_add(epoll.number, timer.descriptor.number, Self.timerToken, 1))
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

  /// Waits until a descriptor is ready or `deadline` has come.
  ///
  /// - Parameter ready: replaced by the tokens of what is ready; empty when the deadline came.
  public mutating func wait(
    until deadline: Timestamp, into ready: inout [Token]
  ) throws(SystemError) {
    ready.removeAll(keepingCapacity: true)
    let due = deadline <= SystemClock.now()
    if !due { try timer.arm(deadline) }
    let timeout: Int32 = due ? 0 : -1
    while true {
      // Sound: the capacity given is the array's count.
      let count = unsafe cipv8_epoll_wait(epoll.number, &tokens, Int32(tokens.count), timeout)
      if count == -EINTR { continue }
      var isOver = due
      for token in tokens.prefix(Int(try checked(.epollWait, count))) {
        if token == Self.timerToken {
          timer.fired()
          isOver = isOver || deadline <= SystemClock.now()
        } else {
          ready.append(Token(UInt32(truncatingIfNeeded: token)))
        }
      }
      if isOver || !ready.isEmpty { return }
      // The timer was set for an earlier deadline.
      try timer.arm(deadline)
    }
  }
}
