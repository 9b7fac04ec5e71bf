import IPv8Control
import Testing

@testable import IPv8Daemon

@Suite struct StartMessageTests {
  @Test("what a starting daemon says arrives as it was said")
  func roundTrip() {
    let messages: [StartMessage] = [
      .ready, .failed(.unavailable, "port 5: taken"), .failed(.data, "x"),
    ]
    for message in messages { #expect(StartMessage(message.bytes) == message) }
  }

  @Test("anything else is no message", arguments: ["", "ready ", "69", "5 what", "x y", "ready\n"])
  func malformed(_ text: String) {
    #expect(StartMessage([UInt8](text.utf8)) == nil)
  }

  @Test("a long line is cut to what the parent reads")
  func long() throws {
    let bytes = StartMessage.failed(.data, String(repeating: "x", count: 10_000)).bytes
    #expect(bytes.count == 4_096 && StartMessage(bytes) != nil)
  }
}
