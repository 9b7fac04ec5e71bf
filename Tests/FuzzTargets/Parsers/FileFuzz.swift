import Foundation
import Glibc
import IPv8Control
import IPv8Daemon

enum FileFuzz {
  static func identity(_ bytes: [UInt8]) {
    Scratch.withFile(bytes) { _ = try? IdentityFile.load($0) }
  }

  static func configuration(_ bytes: [UInt8]) {
    Scratch.withFile(bytes) { _ = try? Configuration(contentsOf: $0) }
  }

  static func control(_ bytes: [UInt8]) {
    let decoder = JSONDecoder()
    let data = Data(bytes)
    _ = try? decoder.decode(PeerAddition.self, from: data)
    _ = try? decoder.decode(PingRequest.self, from: data)
    _ = try? decoder.decode(StatusReport.self, from: data)
    _ = try? decoder.decode(PathQualityReport.self, from: data)
  }
}

/// One nameless file of this process, rewritten for each input.
private enum Scratch {
  private static let descriptor = tmpfile().map { fileno($0) } ?? -1

  static func withFile(_ bytes: [UInt8], _ body: (String) -> Void) {
    precondition(descriptor >= 0, "a file in memory")
    precondition(fchmod(descriptor, 0o600) == 0 && ftruncate(descriptor, 0) == 0, "an empty file")
    precondition(pwrite(descriptor, bytes, bytes.count, 0) == bytes.count, "the file's bytes")
    body("/proc/self/fd/\(descriptor)")
  }
}
