import Foundation

/// A directory that goes with the value.
struct TemporaryDirectory: ~Copyable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "ipv8-platform-" + UUID().uuidString
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }
}
