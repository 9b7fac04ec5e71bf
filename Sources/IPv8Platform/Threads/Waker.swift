import CIPv8Linux
import Glibc

/// Wakes an ``EventLoop`` or a ``PollLoop`` from any thread.
///
/// Each signal is one event, signals before the loop looks become one, and its owner has nothing to
/// drain: an ``EventLoop`` watches it edge-triggered, a ``PollLoop`` empties it.
public final class Waker: Sendable {
  let descriptor: FileDescriptor

  public init() throws(SystemError) {
    let flags = Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK)
    descriptor = FileDescriptor(owning: try retrying(.eventfd) { eventfd(0, flags) })
  }

  public func signal() {
    // Fails only at 2^64 - 2 signals.
    eventfd_write(descriptor.number, 1)
  }
}
