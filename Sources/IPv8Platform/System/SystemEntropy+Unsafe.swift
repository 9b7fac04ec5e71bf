import CIPv8Linux
import Glibc

/// The kernel's random generator.
public enum SystemEntropy {
  /// `count` random bytes; waits for the generator to be seeded just after the machine started.
  public static func bytes(_ count: Int) throws(SystemError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      done += try retrying(.getrandom) {
        // Sound: `done` is less than the count, so what is pointed to lies within the array.
        unsafe bytes.withUnsafeMutableBytes { buffer in
          let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
          return unsafe getrandom(rest.baseAddress, rest.count, 0)
        }
      }
    }
    return bytes
  }
}
