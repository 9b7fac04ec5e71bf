import IPv8Wire

@testable import IPv8DataPlane

/// A link that takes a packet whenever it is done with the one before.
final class SlowLink {
  let end = QueueEnd()
  let bytesPerSecond: Int
  private(set) var now = QueueEnd.start
  private(set) var serial: UInt32 = 0
  private(set) var sentBytes: [UInt16: Int] = [:]
  /// How long each packet waited.
  private(set) var delays: [UInt16: [Int64]] = [:]
  private var queuedAt: [UInt32: Timestamp] = [:]
  private var waiting: [UInt16: Int] = [:]

  init(bitsPerSecond: Int) { bytesPerSecond = bitsPerSecond / 8 }

  func put(_ flow: UInt16, size: Int = 1280, codepoint: UInt8 = 0) {
    let packet = QueuedPacket(flow: flow, serial: serial, size: size, codepoint: codepoint, ecn: 2)
    end.put(packet.bytes, at: now)
    queuedAt[serial] = now
    waiting[flow, default: 0] += 1
    serial += 1
  }

  /// Keeps a few packets of the flow waiting.
  func saturate(_ flow: UInt16, size: Int = 1280, codepoint: UInt8 = 0) {
    while waiting[flow, default: 0] < 20 { put(flow, size: size, codepoint: codepoint) }
  }

  /// Sends one packet.
  func send() {
    guard let packet = end.take(at: now)?.queued else {
      now = now + .microseconds(100)
      return
    }
    sentBytes[packet.flow, default: 0] += packet.size
    waiting[packet.flow, default: 0] -= 1
    if let at = queuedAt.removeValue(forKey: packet.serial) {
      delays[packet.flow, default: []].append((now - at).microseconds)
    }
    now = now + Interval(nanoseconds: Int64(packet.size * 1_000_000_000 / bytesPerSecond))
  }

  /// Of all bytes that were sent.
  func share(_ flow: UInt16) -> Double {
    Double(sentBytes[flow] ?? 0) / Double(max(1, sentBytes.values.reduce(0, +)))
  }
}
