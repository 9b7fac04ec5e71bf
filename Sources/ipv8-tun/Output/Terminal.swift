import Foundation
import IPv8Control

/// Standard output and standard error.
enum Terminal {
  /// Writes `text` as a line at once, so that who reads a pipe sees it in time.
  static func print(_ text: String) { write(text + "\n") }

  /// Writes `text` as it is.
  static func write(_ text: String) {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    } catch {
      // The reader has gone: nobody is left to tell.
      exit(.success)
    }
  }

  /// Writes `text` in the place of what the screen shows; in a pipe, behind it and a blank line.
  static func show(_ text: String) {
    print(isatty(STDOUT_FILENO) == 1 ? "\u{1b}[H\u{1b}[2J" + text : text + "\n")
  }

  static func printJSON(_ value: some Encodable) throws(ControlError) {
    print(try ControlJSON.text(value))
  }

  /// Writes one line on standard error.
  static func warn(_ text: String) {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    try? FileHandle.standardError.write(contentsOf: Data("ipv8-tun: \(line)\n".utf8))
  }

  /// Ends the program with one line on standard error.
  static func fail(_ explanation: String, _ code: ExitCode) -> Never {
    warn(explanation)
    exit(code)
  }

  static func exit(_ code: ExitCode) -> Never { Foundation.exit(code.rawValue) }
}
