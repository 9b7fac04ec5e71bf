/// Why a lock was not taken.
public enum LockError: Error, Hashable {
  /// Another process has it; nil when the file does not tell which.
  case held(byPID: Int32?)
  case file(FileError)
}
