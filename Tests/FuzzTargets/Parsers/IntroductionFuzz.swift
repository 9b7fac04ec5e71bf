import IPv8Wire

enum IntroductionFuzz {
  /// The first byte chooses the parser.
  static func frame(_ bytes: [UInt8]) {
    guard let kind = bytes.first else { return }
    let body = [UInt8](bytes.dropFirst())
    switch kind % 5 {
    case 0: check(IntroductionCall(body.rawSpan)?.body, body)
    case 1: check(IntroductionRefused(body.rawSpan)?.body, body)
    case 2: check(RelayRelease(body.rawSpan)?.body, body)
    case 3: check(Introduction(body.rawSpan)?.body, body)
    default:
      guard let called = IntroductionCalled(body.rawSpan) else { return }
      let written = called.body
      precondition(IntroductionCalled(written.rawSpan) == called, "frames are read as written")
    }
  }

  private static func check(_ written: [UInt8]?, _ read: [UInt8]) {
    precondition(written == nil || written == read, "a frame has one form")
  }
}
