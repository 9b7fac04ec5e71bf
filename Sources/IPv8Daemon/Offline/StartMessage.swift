import IPv8Control
import IPv8Platform

/// What a starting daemon sends to its parent: `ready`, or an exit code and the line to show.
enum StartMessage: Equatable {
  case ready
  case failed(ExitCode, String)

  var bytes: [UInt8] {
    switch self {
    case .ready: [UInt8]("ready".utf8)
    case .failed(let code, let line):
      [UInt8]("\(code.rawValue) \(line)".utf8.prefix(DetachedProcess.reportLimit))
    }
  }

  /// Nil for anything else than ``bytes`` makes.
  init?(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    if text == "ready" {
      self = .ready
      return
    }
    let words = text.split(separator: " ", maxSplits: 1)
    guard words.count == 2, let number = Int32(words[0]), let code = ExitCode(rawValue: number)
    else { return nil }
    self = .failed(code, String(words[1]))
  }
}
