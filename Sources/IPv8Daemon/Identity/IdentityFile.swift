import IPv8Crypto
import IPv8Platform
import IPv8Wire

// The file is one line of text, so that it can be kept on paper:
//
//   ipv8-identity-v1 SEED PERMID
//
// SEED is the Ed25519 seed and PERMID the public key that it makes, both in base32. The PermID is
// there as the check on the seed. The file is made once and never written again.

/// The file that holds who this machine is.
public enum IdentityFile {
  static let mark = "ipv8-identity-v1"
  static let mode: UInt32 = 0o600
  /// Bytes; the line has 123.
  static let limit = 256

  /// The identity in the file at `path`.
  public static func load(_ path: String) throws(IdentityError) -> IdentityKey {
    let file: FileContents
    do throws(FileError) {
      file = try File.read(path, limit: limit)
    } catch {
      switch error {
      case .notFound: throw .missing(path: path)
      case .notRegular: throw .notRegular(path: path)
      case .tooLarge: throw .corrupt(path: path)
      default: throw .unreadable(path: path, error)
      }
    }
    guard file.mode & 0o077 == 0 else { throw .exposed(path: path, mode: file.mode) }
    return try parse(file.bytes, path: path)
  }

  /// The identity in the file at `path`, which is made with a new one if nothing is there.
  public static func loadOrCreate(_ path: String) throws(IdentityError) -> IdentityKey {
    do {
      return try load(path)
    } catch {
      guard case .missing = error else { throw error }
    }
    do throws(FileError) {
      let seed: [UInt8]
      do throws(SystemError) {
        seed = try SystemEntropy.bytes(IdentityKey.seedByteCount)
      } catch {
        throw FileError.system(error)
      }
      let key = IdentityKey(seed: SecretBytes(copying: seed.rawSpan, guarded: true))
      let line = "\(mark) \(Base32.encode(seed)) \(key.permID)\n"
      try AtomicFile.create([UInt8](line.utf8), at: path, mode: mode)
      return key
    } catch {
      // Another process was first: then its identity is the one.
      if error == .exists { return try load(path) }
      throw .unwritable(path: path, error)
    }
  }

  private static func parse(
    _ bytes: [UInt8], path: String
  ) throws(IdentityError) -> IdentityKey {
    guard bytes.last == UInt8(ascii: "\n") else { throw .corrupt(path: path) }
    let words = bytes.dropLast().split(
      separator: UInt8(ascii: " "), omittingEmptySubsequences: false
    ).map { String(decoding: $0, as: UTF8.self) }
    guard words.count == 3, words[0] == mark, let seed = Base32.decode(words[1]),
      seed.count == IdentityKey.seedByteCount, let permID = PermID(text: words[2])
    else { throw .corrupt(path: path) }
    let key = IdentityKey(seed: SecretBytes(copying: seed.rawSpan, guarded: true))
    guard key.permID == permID else { throw .wrongPermID(path: path) }
    return key
  }
}
