import FoundationEssentials

/// Takes server-sent events (HTML §9.2) out of the bytes of an answer.
struct EventReader {
  struct Event: Equatable {
    var name = "message"
    var data = Data()
  }

  /// Bytes of an event.
  static let limit = 8 << 20

  private var rest = Data()

  /// More than this many bytes make no event: the other end is no daemon of ours.
  var isTooLong: Bool { rest.count > Self.limit }

  /// The events that `bytes` complete.
  mutating func take(_ bytes: some Sequence<UInt8>) -> [Event] {
    rest.append(contentsOf: bytes)
    var events: [Event] = []
    while let end = rest.firstRange(of: Data("\n\n".utf8)) {
      let event = Self.event(rest[..<end.lowerBound])
      if !event.data.isEmpty { events.append(event) }
      rest.removeSubrange(..<end.upperBound)
    }
    return events
  }

  /// Fields as this API sends them: one line of data, one blank behind each colon.
  private static func event(_ block: Data) -> Event {
    var event = Event()
    for line in block.split(separator: UInt8(ascii: "\n")) {
      let name = Data("event: ".utf8)
      let data = Data("data: ".utf8)
      if line.starts(with: name) {
        event.name = String(decoding: line.dropFirst(name.count), as: UTF8.self)
      } else if line.starts(with: data) {
        event.data = Data(line.dropFirst(data.count))
      }
    }
    return event
  }
}
