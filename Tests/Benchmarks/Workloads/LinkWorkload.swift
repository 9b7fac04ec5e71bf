import IPv8DataPlane
import IPv8Wire

/// Carries one batch of packets from one host to another, of which one part is what is measured.
final class LinkWorkload: Workload {
  enum Part {
    /// The sender's ``Transmitter/transmit(_:slab:arena:at:into:)``.
    case transmit
    /// The receiver's ``Receiver/receive(_:slab:arena:at:into:)``.
    case receive
    /// What the receiving host's halves tell each other: ``Receiver/collect(into:)`` and
    /// ``Transmitter/receive(_:at:into:)``.
    case reception
  }

  /// Records of a batch; for ``Part/reception`` one, as it is the same for any number of records.
  let packetCount: Int
  private(set) var isComplete = false
  private let part: Part
  private let packets: [InnerPacket]
  private let recordCount: Int
  /// What the receiver is to hand to its TUN device for a batch.
  private let deliveredCount: Int
  private var link: Link

  /// - Parameters:
  ///   - recordCount: what `packets` become.
  ///   - deliveredCount: what the records become.
  init(
    _ part: Part, _ packets: [InnerPacket], over link: consuming Link, recordCount: Int,
    deliveredCount: Int
  ) {
    packetCount = part == .reception ? 1 : recordCount
    self.part = part
    self.packets = packets
    self.recordCount = recordCount
    self.deliveredCount = deliveredCount
    self.link = link
  }

  func prepare() {
    link.advance()
    // Each time anew: cutting writes headers over the payload.
    link.a.place(packets[...])
    guard part != .transmit else { return }
    transmit()
    link.carry()
    if part == .reception { receive() }
  }

  func run() {
    switch part {
    case .transmit:
      transmit()
      isComplete = link.a.sent.datagrams.count == recordCount
    case .receive:
      receive()
      isComplete = link.b.received.packets.count == deliveredCount
    case .reception:
      link.b.pass(at: link.now)
      isComplete = link.b.receptions.count == 1
    }
  }

  private func transmit() { link.a.transmit(at: link.now) }
  private func receive() { link.b.receive(at: link.now) }
}
