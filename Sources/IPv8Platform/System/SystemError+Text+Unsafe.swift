import Glibc

extension SystemError: CustomStringConvertible {
  /// `bind: Address already in use`.
  public var description: String {
    // Sound: since glibc 2.32 strerror returns a constant or memory of this thread's own, valid
    // until its next call here; String copies it at once.
    let text = unsafe strerror(errno).map { unsafe String(cString: $0) }
    return "\(call.rawValue): \(text ?? "error \(errno)")"
  }
}
