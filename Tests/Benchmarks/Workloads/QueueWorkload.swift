import IPv8DataPlane
import IPv8Wire
import P2TP

/// Sends batches of packets all of which must wait, and lets as many leave.
final class QueueWorkload: Workload {
  let packetCount: Int
  private(set) var isComplete = false
  private let packets: [InnerPacket]
  private var link: Link

  /// - Parameters:
  ///   - packets: one batch.
  ///   - recordCount: what they become.
  ///   - link: of the rate of ``rate(_:of:)``.
  init(_ packets: [InnerPacket], over link: consuming Link, recordCount: Int) {
    packetCount = recordCount
    self.packets = packets
    self.link = link
    // Until no more may leave at once.
    repeat {
      self.link.a.sent.removeSent()
      self.link.a.place(packets[...])
      self.link.a.transmit(at: self.link.now)
    } while self.link.a.sent.datagrams.count == recordCount
  }

  /// A rate at which one batch leaves in the time between two, less a little: something always waits.
  static func rate(_ recordCount: Int, of byteCount: Int) -> RateControl {
    let bits = Int64(recordCount * byteCount * 8)
    return RateControl(
      mode: .fixed(bitsPerSecond: bits * 1_000_000_000 / Link.step.nanoseconds * 255 / 256))
  }

  func prepare() {
    link.advance()
    link.a.place(packets[...])
  }

  func run() {
    link.a.transmit(at: link.now)
    let allWaited = link.a.sent.datagrams.isEmpty
    link.a.drain(at: link.now)
    let count = link.a.sent.datagrams.count
    isComplete = allWaited && abs(count - packetCount) <= max(2, packetCount / 16)
  }
}
