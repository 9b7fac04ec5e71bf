import Glibc
import IPv8Wire

/// What of this process lies in memory.
public enum ResidentMemory {
  /// Bytes of /proc/self/maps that are read.
  private static let limit = 1 << 20

  /// Gives the pages of program code back to the kernel: those still needed come back from its cache
  /// at the next use, those that only the start needed do not. Failure costs nothing but memory.
  public static func releaseCode() {
    guard let maps = try? File.read("/proc/self/maps", limit: limit).bytes else { return }
    for line in String(decoding: maps, as: UTF8.self).split(separator: "\n") {
      guard let range = codeRange(line),
        let start = unsafe UnsafeMutableRawPointer(bitPattern: range.lowerBound)
      else { continue }
      // Sound: code is mapped from files, read-only and never written, so that dropping a page
      // loses nothing: the next access reads the same bytes again.
      unsafe madvise(start, range.count, MADV_DONTNEED)
    }
  }

  /// The addresses of a line that maps code of a file; nil for any other.
  static func codeRange(_ line: some StringProtocol) -> Range<UInt>? {
    let fields = line.split(separator: " ", omittingEmptySubsequences: true)
    guard fields.count >= 6, fields[1] == "r-xp", fields[5].hasPrefix("/") else { return nil }
    let bounds = fields[0].split(separator: "-")
    guard bounds.count == 2, let start = UInt(bounds[0], radix: 16),
      let end = UInt(bounds[1], radix: 16), start < end
    else { return nil }
    return start..<end
  }
}
