import CIPv8Linux
import Glibc
import IPv8Wire

/// A descriptor that becomes ready at one deadline on the boot-time clock: exact to the clock's
/// resolution, and due when the machine wakes from sleep.
///
/// It is set anew only when the deadline comes nearer: one that has moved away costs a wake-up in vain,
/// of which there are fewer than of moves.
struct BootTimer: ~Copyable {
  let descriptor: FileDescriptor
  private var armed: Timestamp?

  init() throws(SystemError) {
    let flags = Int32(TFD_CLOEXEC) | Int32(TFD_NONBLOCK)
    descriptor = FileDescriptor(
      owning: try retrying(.timerCreate) { timerfd_create(CLOCK_BOOTTIME, flags) })
  }

  /// Ready at `deadline` or before.
  mutating func arm(_ deadline: Timestamp) throws(SystemError) {
    if let armed, armed <= deadline { return }
    guard deadline != .distantFuture else { return }
    try checked(.timerSet, cipv8_timer_set(descriptor.number, deadline.nanoseconds))
    armed = deadline
  }

  /// It was ready; the next ``arm(_:)`` sets it.
  mutating func fired() { armed = nil }
}
