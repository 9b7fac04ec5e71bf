import IPv8Crypto
import IPv8Node
import IPv8Streams
import IPv8Wire

extension ControlLoop {
  func dial(_ index: PeerIndex, at addresses: [StreamAddress]) {
    guard let contact = node.contact(index) else { return }
    streams.dial(index, at: addresses, path: contact.permID.streamPath)
  }

  mutating func handle(_ event: StreamEvent, at now: Moment) {
    switch event {
    case .opened(let index, let number):
      node.streamOpened(index, number: number, at: now, into: &actions)
    case .failed(let index): node.streamFailed(index, at: now, into: &actions)
    case .closed(let number): node.streamClosed(number: number, at: now, into: &actions)
    }
  }
}
