import CIPv8Linux
import Glibc
import IPv8Wire

/// Waits for a few descriptors and for one deadline (``BootTimer``), by poll(2): an ``EventLoop`` for a thread that has
/// much to do and little to watch.
///
/// An epoll instance stays in the wait queue of what it watches, and the kernel calls it for each
/// datagram that comes and for each that has left the machine, whether its thread sleeps or not. A
/// thread in poll(2) stands there only while it sleeps.
public struct PollLoop: ~Copyable {
  private var timer: BootTimer
  /// The timer's first.
  private var entries: [pollfd]
  private var tokens: [EventLoop.Token] = []
  private var isWaker: [Bool] = []

  public init() throws(SystemError) {
    timer = try BootTimer()
    entries = [pollfd(fd: timer.descriptor.number, events: Int16(POLLIN), revents: 0)]
  }

  /// Watches `descriptor` for input, until ``remove(_:)`` or the end of the loop; it must outlive that.
  public mutating func add(_ descriptor: borrowing FileDescriptor, token: EventLoop.Token) {
    add(descriptor.number, token: token, isWaker: false)
  }

  /// Watches for signals of `waker`, which must outlive the loop.
  public mutating func add(_ waker: Waker, token: EventLoop.Token) {
    add(waker.descriptor.number, token: token, isWaker: true)
  }

  /// Watches no longer what `token` names.
  public mutating func remove(_ token: EventLoop.Token) {
    for place in tokens.indices.reversed() where tokens[place] == token {
      tokens.remove(at: place)
      isWaker.remove(at: place)
      entries.remove(at: place + 1)
    }
  }

  private mutating func add(_ number: Int32, token: EventLoop.Token, isWaker: Bool) {
    entries.append(pollfd(fd: number, events: Int16(POLLIN), revents: 0))
    tokens.append(token)
    self.isWaker.append(isWaker)
  }

  /// Waits until a descriptor is ready or `deadline` has come.
  ///
  /// - Parameter ready: replaced by the tokens of what is ready; empty when the deadline came.
  public mutating func wait(
    until deadline: Timestamp, into ready: inout [EventLoop.Token]
  ) throws(SystemError) {
    ready.removeAll(keepingCapacity: true)
    while true {
      let isDue = deadline <= SystemClock.now()
      if !isDue { try timer.arm(deadline) }
      // Sound: the count given is the array's.
      let count = unsafe poll(&entries, nfds_t(entries.count), isDue ? 0 : -1)
      if count < 0 {
        if errno == EINTR { continue }
        throw SystemError(.poll, errno: errno)
      }
      if entries[0].revents != 0 {
        drain(timer.descriptor.number)
        timer.fired()
      }
      for place in tokens.indices where entries[place + 1].revents != 0 {
        if isWaker[place] { drain(entries[place + 1].fd) }
        ready.append(tokens[place])
      }
      // Else the timer was set for an earlier deadline.
      if isDue || !ready.isEmpty { return }
    }
  }

  /// Both kinds of counters are eight bytes, and empty once read.
  private func drain(_ number: Int32) {
    var count: UInt64 = 0
    // Sound: eight bytes have room for eight bytes.
    _ = unsafe read(number, &count, 8)
  }
}
