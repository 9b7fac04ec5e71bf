import IPv8Platform
import IPv8Wire

/// Repeats `step` each time `descriptor` is readable, until it returns true or `limit` has passed;
/// whether it did.
func waitReading(
  _ descriptor: borrowing FileDescriptor, limit: Interval, until step: () throws -> Bool
) throws -> Bool {
  var loop = try EventLoop()
  try loop.add(descriptor, token: EventLoop.Token(1))
  let deadline = SystemClock.now() + limit
  var ready: [EventLoop.Token] = []
  while true {
    if try step() { return true }
    try loop.wait(until: deadline, into: &ready)
    if ready.isEmpty { return false }
  }
}
