import IPv8Crypto
import IPv8DataPlane
import IPv8Wire

extension Benchmark {
  /// All there are, in the order of a packet's way.
  public static var all: [Benchmark] {
    ciphers + sessions + replay + large + small + queues + filters + routes + receptions
  }

  /// The suite of sessions on this machine.
  private static var suite: AEADSuite {
    AEADBackend.forAES256GCM == nil ? .chaCha20Poly1305 : .aes256GCM
  }

  private static let sizes = [64, 1400]

  // MARK: Parts that can be called alone

  private static var ciphers: [Benchmark] {
    AEADWorkload.choices.flatMap { choice in
      sizes.flatMap { size in
        [("seal", AEADWorkload.Direction.seal), ("open", .open)].map { word, direction in
          Benchmark("\(word) \(size) B, \(choice.suite.name) by \(choice.backend.rawValue)") {
            seed in
            var random = SeededRandom(seed: seed)
            return Pairing(
              AEADWorkload(
                direction, choice.suite, key: .random(using: &random), backend: choice.backend,
                size: size, count: 128, seed: seed))
          }
        }
      }
    }
  }

  private static var sessions: [Benchmark] {
    let suite = suite
    return sizes.flatMap { size in
      [("seal", AEADWorkload.Direction.seal), ("open", .open)].map { word, direction in
        Benchmark(
          "session \(word) \(size) B", per: "record",
          remainder: "session \(word) \(size) B, around the cipher"
        ) { seed in
          var random = SeededRandom(seed: seed)
          return Pairing(
            SessionWorkload(direction, suite, size: size, count: 128, seed: seed),
            less: AEADWorkload(
              direction, suite, key: .random(using: &random), size: size, count: 128, seed: seed))
        }
      }
    }
  }

  private static var replay: [Benchmark] {
    [
      Benchmark("replay check, in order", per: "record") {
        Pairing(ReplayWorkload(.inOrder, seed: $0))
      },
      Benchmark("replay check, shuffled by 32", per: "record") {
        Pairing(ReplayWorkload(.shuffled(32), seed: $0))
      },
      Benchmark("replay check, shuffled by 1024", per: "record") {
        Pairing(ReplayWorkload(.shuffled(1024), seed: $0))
      },
      Benchmark("replay check, all replayed", per: "record") {
        Pairing(ReplayWorkload(.replayed, seed: $0))
      },
    ]
  }

  // MARK: Super-packets

  /// Of an inner packet: the interface's MTU unless told otherwise.
  private static let mtu = 1280
  /// Segments of the largest super-packet: as many records as fit one UDP send.
  private static let segments = 50

  private static var large: [Benchmark] {
    large(.tcp, isIPv6: true) + large(.tcp, isIPv6: false) + large(.udp, isIPv6: true)
  }

  private static func large(_ transport: InnerPacket.Transport, isIPv6: Bool) -> [Benchmark] {
    let suite = suite
    let name = "60 KB \(transport == .tcp ? "TCP" : "UDP"), IPv\(isIPv6 ? 6 : 4)"
    let payload = mtu - (isIPv6 ? 40 : 20) - (transport == .tcp ? 32 : 8)
    return [("transmit", LinkWorkload.Part.transmit, "cut"), ("receive", .receive, "join")].map {
      (word, part, remainder) in
      Benchmark("\(word) \(name)", per: "record", remainder: "\(remainder) \(name)") { seed in
        var random = SeededRandom(seed: seed)
        let link = Link(suite: suite, seed: seed)
        let packet = InnerPacket(
          transport, from: link.source(isIPv6: isIPv6), to: link.destination(isIPv6: isIPv6),
          payload: .random(segments * payload, using: &random), segmentSize: payload)
        let cipher = AEADWorkload(
          part == .transmit ? .seal : .open, suite, key: link.key, size: mtu + 1,
          count: segments, seed: seed)
        return Pairing(
          LinkWorkload(part, [packet], over: link, recordCount: segments, deliveredCount: 1),
          less: cipher)
      }
    }
  }

  // MARK: Small packets

  private static let burst = 64
  /// Of an inner packet, bytes.
  private static let smallSize = 64

  private static var small: [Benchmark] {
    [
      small("64 B UDP, IPv6, one flow", .transmit), small("64 B UDP, IPv6, one flow", .receive),
      small("64 B UDP, IPv6, 64 flows", .receive, isOneFlow: false),
      small("64 B UDP, IPv4, one flow", .transmit, isIPv6: false),
      small("64 B UDP, IPv4, one flow", .receive, isIPv6: false),
      small("64 B UDP, IPv6, complete checksums", .transmit, isPartial: false),
      small("64 B UDP, IPv6, complete checksums", .receive, isPartial: false),
    ]
  }

  private static func small(
    _ name: String, _ part: LinkWorkload.Part, isIPv6: Bool = true, isOneFlow: Bool = true,
    isPartial: Bool = true
  ) -> Benchmark {
    let suite = suite
    let word = part == .transmit ? "transmit" : "receive"
    return Benchmark("\(word) \(name)", remainder: "\(word) \(name), without the cipher") { seed in
      let link = Link(suite: suite, seed: seed)
      let cipher = AEADWorkload(
        part == .transmit ? .seal : .open, suite, key: link.key,
        size: smallSize + (isPartial ? 1 : 0), count: burst, seed: seed)
      return Pairing(
        smalls(
          part, over: link, isIPv6: isIPv6, isOneFlow: isOneFlow, isPartial: isPartial, seed: seed),
        less: cipher)
    }
  }

  private static func smalls(
    _ part: LinkWorkload.Part, over link: consuming Link, isIPv6: Bool = true,
    isOneFlow: Bool = true, isPartial: Bool = true, seed: UInt64
  ) -> LinkWorkload {
    var random = SeededRandom(seed: seed)
    let (source, destination) = (
      link.source(isIPv6: isIPv6), link.destination(isIPv6: isIPv6)
    )
    let packets = (0..<burst).map { number in
      InnerPacket(
        .udp, from: source, to: destination, port: 443 + (isOneFlow ? 0 : UInt16(number)),
        payload: .random(smallSize - (isIPv6 ? 48 : 28), using: &random), isPartial: isPartial)
    }
    return LinkWorkload(
      part, packets, over: link, recordCount: burst,
      deliveredCount: isOneFlow && isPartial ? 1 : burst)
  }

  private static var queues: [Benchmark] {
    let suite = suite
    return [
      smallQueue("queue 64 B UDP, IPv6, 64 flows"),
      smallQueue("queue 64 B UDP, IPv6, 64 of 256 flows with a declared class", declared: 256),
      Benchmark("queue 60 KB TCP, IPv6", per: "record") { seed in
        var random = SeededRandom(seed: seed)
        let payload = mtu - 40 - 32
        let rate = QueueWorkload.rate(segments, of: mtu + 1 + 28)
        let link = Link(suite: suite, rate: rate, seed: seed)
        let packet = InnerPacket(
          .tcp, from: link.source(isIPv6: true), to: link.destination(isIPv6: true),
          payload: .random(segments * payload, using: &random), segmentSize: payload)
        return Pairing(QueueWorkload([packet], over: link, recordCount: segments))
      },
    ]
  }

  private static func smallQueue(_ name: String, declared: UInt16 = 0) -> Benchmark {
    let suite = suite
    return Benchmark(name) { seed in
      var random = SeededRandom(seed: seed)
      let record = smallSize + 1 + 28
      var link = Link(suite: suite, rate: QueueWorkload.rate(burst, of: record), seed: seed)
      link.a.declare(declared, of: Link.index)
      let packets = (0..<burst).map { number in
        InnerPacket(
          .udp, from: link.source(isIPv6: true), to: link.destination(isIPv6: true),
          port: 443 + UInt16(number), payload: .random(smallSize - 48, using: &random))
      }
      return Pairing(QueueWorkload(packets, over: link, recordCount: burst))
    }
  }

  private static var filters: [Benchmark] {
    let suite = suite
    let services = (0..<8).map { place in
      PacketFilter.Service(
        protocol: IPProtocol.udp, ports: UInt16(436 + place)...UInt16(436 + place))
    }
    return [
      Benchmark(
        "receive 64 B UDP, IPv6, eighth of 8 services allowed", remainder: "filter of 8 services"
      ) { seed in
        Pairing(
          smalls(
            .receive, over: Link(suite: suite, filter: .only(services), seed: seed),
            isPartial: false, seed: seed),
          less: smalls(
            .receive, over: Link(suite: suite, seed: seed), isPartial: false, seed: seed))
      }
    ]
  }

  // MARK: Contacts

  private static var routes: [Benchmark] {
    let suite = suite
    return [1, 100, 4096].map { contacts in
      Benchmark(
        "transmit 64 B UDP to any of \(contacts) contacts",
        remainder: "route among \(contacts) contacts, all but the cipher"
      ) { seed in
        let route = RouteWorkload(suite, contacts: contacts, seed: seed)
        return Pairing(route, less: route.sealing(suite, seed: seed))
      }
    }
  }

  private static var receptions: [Benchmark] {
    let suite = suite
    return [
      Benchmark("what one half tells the other", per: "batch") { seed in
        Pairing(smalls(.reception, over: Link(suite: suite, seed: seed), seed: seed))
      }
    ]
  }
}
