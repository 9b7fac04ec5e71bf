import IPv8Wire
import TestVectors
import Testing

@testable import IPv8DataPlane

@Suite("The number of busy flows")
struct FlowCountTests {
  /// What is told at the end of a window in which each of `flows` sent `each` packets.
  private func counted(flows: Int, each: Int, size: Int = 1280) -> Int? {
    var count = FlowCount()
    var now = Timestamp(nanoseconds: 1_000_000_000)
    var told: Int?
    for window in 0..<3 {
      for _ in 0..<each {
        for flow in 0..<flows {
          let packet = QueuedPacket(flow: UInt16(100 + flow), serial: 0, size: size, ecn: 0).bytes
          told = count.add(packet.rawSpan, at: now) ?? told
        }
      }
      now = now + (window == 2 ? .zero : FlowCount.window)
    }
    return told
  }

  @Test("is nearly exact for as many as matter", arguments: 1...8)
  func exact(flows: Int) throws {
    let told = try #require(counted(flows: flows, each: 2))
    #expect((flows - 1...flows).contains(told))
  }

  @Test("leaves out flows of single or small packets")
  func sparse() {
    #expect(counted(flows: 5, each: 1) == 0)
    #expect(counted(flows: 5, each: 9, size: 200) == nil)
  }

  @Test("is told at once where it grows, and no more often")
  func growth() {
    var count = FlowCount()
    let now = Timestamp(nanoseconds: 1_000_000_000)
    var told: [Int] = []
    for _ in 0..<4 {
      for flow in 0..<3 {
        let packet = QueuedPacket(flow: UInt16(100 + flow), serial: 0, size: 1280, ecn: 0).bytes
        if let value = count.add(packet.rawSpan, at: now) { told.append(value) }
      }
    }
    #expect(told == [0, 1, 2, 3])
  }

  @Test("is none after a pause")
  func pause() {
    var count = FlowCount()
    let start = Timestamp(nanoseconds: 1_000_000_000)
    let packet = QueuedPacket(flow: 1, serial: 0, size: 1280, ecn: 0).bytes
    for _ in 0..<5 { _ = count.add(packet.rawSpan, at: start) }
    #expect(count.add(packet.rawSpan, at: start + .seconds(9)) == 0)
  }
}
