import IPv8Traversal
import IPv8Wire
import NIOCore

/// All streams of this host, by number. Lives on one event loop.
final class StreamTable {
  /// Streams that others dialled, open or opening: in all, and from one source (IPv4 address, IPv6
  /// /56).
  static let acceptLimit = 1024
  static let sourceLimit = 32

  private let port: StreamPort
  private let deliver: @Sendable (UInt32, [UInt8]) -> Void
  private let report: @Sendable (StreamEvent) -> Void
  private var streams: [UInt32: StreamHandler] = [:]
  private var next: UInt32 = 0
  private var accepted = 0
  private var sources: [UInt128: Int] = [:]

  init(
    port: StreamPort, deliver: @escaping @Sendable (UInt32, [UInt8]) -> Void,
    report: @escaping @Sendable (StreamEvent) -> Void
  ) {
    self.port = port
    self.deliver = deliver
    self.report = report
  }

  /// Hands out what other threads left.
  func drain() {
    var touched: Set<UInt32> = []
    for (number, datagram) in port.take() {
      guard let stream = streams[number] else {
        port.count { $0.dropped += 1 }
        continue
      }
      stream.send(datagram)
      touched.insert(number)
    }
    for number in touched { streams[number]?.pump() }
  }

  func hangUp(_ number: UInt32) { streams[number]?.hangUp() }

  func hangUpAll() { for stream in streams.values { stream.hangUp() } }

  /// A stream that is dialled for `peer`; `failed` is called where it ends before it is open.
  func dialled(
    _ link: StreamLink, for peer: PeerIndex, failed: @escaping () -> Void
  ) -> StreamHandler {
    handler(link, isDialler: true) { [report] in
      report(.opened(peer, number: $0))
    } ended: { wasOpen in
      if !wasOpen { failed() }
    }
  }

  /// A stream that somebody at `source` opens; nil where there are too many.
  func accept(_ link: StreamLink, from source: IPAddress?) -> StreamHandler? {
    let key = Self.key(source)
    guard accepted < Self.acceptLimit, sources[key, default: 0] < Self.sourceLimit else {
      port.count { $0.refused += 1 }
      return nil
    }
    accepted += 1
    sources[key, default: 0] += 1
    return handler(link, isDialler: false) { _ in
    } ended: { [weak self] _ in
      guard let self else { return }
      accepted -= 1
      let left = sources[key, default: 1] - 1
      sources[key] = left > 0 ? left : nil
    }
  }

  private func handler(
    _ link: StreamLink, isDialler: Bool, opened: @escaping (UInt32) -> Void,
    ended: @escaping (_ wasOpen: Bool) -> Void
  ) -> StreamHandler {
    repeat { next &+= 1 } while streams[next] != nil
    let number = next
    let listener = StreamHandler.Listener(
      opened: { opened(number) },
      received: { [deliver, port] datagram in
        port.count { $0.received += 1 }
        deliver(number, datagram)
      },
      ended: { [weak self] wasOpen in
        self?.streams[number] = nil
        ended(wasOpen)
        if wasOpen { self?.report(.closed(number: number)) }
      })
    let handler = StreamHandler(link, isDialler: isDialler, port: port, listener: listener)
    streams[number] = handler
    return handler
  }

  private static func key(_ source: IPAddress?) -> UInt128 {
    switch source {
    case .v4(let address): IPAddress.v4(address).mapped
    case .v6(let address) where address.value >> 32 == 0xffff: address.value
    case .v6(let address): (address.value >> 72) << 72
    case nil: 0
    }
  }
}
