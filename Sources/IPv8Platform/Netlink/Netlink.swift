import CIPv8Linux
import Glibc
import IPv8Wire

/// Asks the kernel about this machine's network and changes it (rtnetlink(7)).
///
/// Every call blocks until the kernel has answered, which it does at once. Changes need
/// CAP_NET_ADMIN. It speaks for the network namespace in which it was made.
public struct Netlink: ~Copyable, Sendable {
  /// Kernel dumps come in datagrams of at most 32 KiB.
  private static let bufferSize = 32 << 10
  /// How often a dump that changed under way is begun anew before it is taken as it is.
  private static let dumpAttempts = 5

  private let descriptor: FileDescriptor
  private var sequence: UInt32 = 0
  private var buffer = [UInt8](repeating: 0, count: bufferSize)

  public init() throws(SystemError) {
    descriptor = try FileDescriptor.netlink(type: Int32(SOCK_RAW.rawValue), groups: 0)
  }

  /// Sends a request that asks for an acknowledgement and waits for it.
  ///
  /// - Parameter harmless: an errno that means the work was done already.
  mutating func perform(
    _ request: NetlinkRequest, harmless: Int32 = 0
  ) throws(SystemError) {
    let code = try acknowledgement(of: request)
    if code != 0, code != harmless { throw SystemError(.netlink, errno: code) }
  }

  private mutating func acknowledgement(of request: NetlinkRequest) throws(SystemError) -> Int32 {
    try send(request)
    while true {
      let length = try receive()
      let bytes = buffer.rawSpan.extracting(first: length)
      var offset = 0
      while let message = NetlinkMessage(bytes, at: offset) {
        offset = message.end
        guard message.sequence == sequence, message.type == UInt16(NLMSG_ERROR) else { continue }
        guard let code = NetlinkParser.errorCode(bytes.extracting(message.body)) else {
          throw SystemError(.netlink, errno: EBADMSG)
        }
        return code
      }
    }
  }

  /// All objects of one kind, `parse` applied to each message of type `answer`.
  mutating func dump<Value>(
    _ type: Int, answer: Int, fixedSize: Int, _ parse: (RawSpan) -> Value?
  ) throws(SystemError) -> [Value] {
    let request = NetlinkRequest(
      type: type, flags: Int32(NLM_F_ROOT | NLM_F_MATCH),
      fixed: [UInt8](repeating: 0, count: fixedSize))
    var values: [Value] = []
    for _ in 0..<Self.dumpAttempts {
      values.removeAll(keepingCapacity: true)
      try send(request)
      if try collect(into: &values, answer: UInt16(answer), parse) { break }
    }
    return values
  }

  /// Reads one dump to its end; false if the kernel says that it changed under way.
  private mutating func collect<Value>(
    into values: inout [Value], answer: UInt16, _ parse: (RawSpan) -> Value?
  ) throws(SystemError) -> Bool {
    var consistent = true
    while true {
      let length = try receive()
      let bytes = buffer.rawSpan.extracting(first: length)
      var offset = 0
      while let message = NetlinkMessage(bytes, at: offset) {
        offset = message.end
        guard message.sequence == sequence else { continue }
        if message.flags & UInt16(NLM_F_DUMP_INTR) != 0 { consistent = false }
        let body = bytes.extracting(message.body)
        switch message.type {
        case answer:
          if let value = parse(body) { values.append(value) }
        case UInt16(NLMSG_DONE): return consistent
        case UInt16(NLMSG_ERROR):
          throw SystemError(.netlink, errno: NetlinkParser.errorCode(body) ?? EBADMSG)
        default: break
        }
      }
    }
  }

  private mutating func send(_ request: NetlinkRequest) throws(SystemError) {
    sequence &+= 1
    try descriptor.send(request.encoded(sequence: sequence))
  }

  private mutating func receive() throws(SystemError) -> Int {
    let length = try descriptor.receive(into: &buffer)
    guard length > 0, length <= buffer.count else { throw SystemError(.netlink, errno: EMSGSIZE) }
    return length
  }
}
