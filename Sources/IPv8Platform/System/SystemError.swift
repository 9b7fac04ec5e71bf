import Glibc

/// What the kernel answered to a call that failed.
public struct SystemError: Error, Hashable {
  public let call: SystemCall
  public let errno: Int32

  public init(_ call: SystemCall, errno: Int32) {
    self.call = call
    self.errno = errno
  }
}

/// The result of `body`, which returns -1 and sets errno when it fails; repeated while signals
/// interrupt it.
@discardableResult
func retrying<Result: SignedInteger>(
  _ call: SystemCall, _ body: () -> Result
) throws(SystemError) -> Result {
  while true {
    let result = body()
    if result >= 0 { return result }
    let code = errno
    if code != EINTR { throw SystemError(call, errno: code) }
  }
}

/// `result`, unless it is a negated errno, as the C shims return it.
@discardableResult
func checked(_ call: SystemCall, _ result: Int32) throws(SystemError) -> Int32 {
  guard result >= 0 else { throw SystemError(call, errno: -result) }
  return result
}
