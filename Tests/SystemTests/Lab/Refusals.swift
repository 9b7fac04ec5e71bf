import Foundation

/// What a command's kernel refuses it, as older kernels and sandboxes do: a filter of its system
/// calls (seccomp(2)), which everything that it starts inherits.
struct Refusals: OptionSet, Sendable {
  let rawValue: Int
  /// Cutting of datagrams (UDP_SEGMENT, Linux 4.18).
  static let udpGSO = Refusals(rawValue: 1)
  /// Joining of datagrams (UDP_GRO, Linux 5.0).
  static let udpGRO = Refusals(rawValue: 2)
  /// Large UDP packets on TUN devices (Linux 6.2).
  static let uso = Refusals(rawValue: 4)
  /// Large TCP packets on TUN devices.
  static let tso = Refusals(rawValue: 8)
  /// Partial checksums on TUN devices.
  static let checksum = Refusals(rawValue: 16)

  /// Puts the filter onto the calling thread, for good; what it starts from now on has it too.
  func restrictThread() throws {
    guard !isEmpty else { return }
    typealias Control = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
    guard let symbol = dlsym(nil, "prctl") else { throw LabError.socket("prctl", errno: ENOSYS) }
    let control = unsafeBitCast(symbol, to: Control.self)
    var program = filter
    let result = program.withUnsafeMutableBufferPointer { instructions in
      var header = FilterProgram(
        length: UInt16(instructions.count), instructions: instructions.baseAddress)
      return withUnsafePointer(to: &header) {
        control(setSeccomp, filterMode, UInt(bitPattern: $0), 0, 0)
      }
    }
    guard result == 0 else { throw LabError.socket("seccomp", errno: errno) }
  }

  private var filter: [Instruction] {
    var program: [Instruction] = []
    for (refusal, option) in [(Refusals.udpGSO, 103), (.udpGRO, 104)] as [(Refusals, UInt32)]
    where contains(refusal) {
      program += Self.rule(setSocketOption, udpLevel, jumpIfEqual, option, ENOPROTOOPT)
    }
    // TUN_F_* of <linux/if_tun.h>.
    for (refusal, bits) in [(Refusals.uso, 0x60), (.tso, 0x06), (.checksum, 0x01)]
      as [(Refusals, UInt32)]
    where contains(refusal) {
      program += Self.rule(inputOutputControl, tunSetOffload, jumpIfAnyBit, bits, EINVAL)
    }
    return program + [Instruction(code: give, value: allow)]
  }

  /// Refuses a call whose second argument is `second` and whose third passes `test`.
  private static func rule(
    _ call: UInt32, _ second: UInt32, _ test: UInt16, _ third: UInt32, _ error: Int32
  ) -> [Instruction] {
    [
      Instruction(code: load, value: 0), Instruction(code: jumpIfEqual, skip: 5, value: call),
      Instruction(code: load, value: argument(1)),
      Instruction(code: jumpIfEqual, skip: 3, value: second),
      Instruction(code: load, value: argument(2)),
      Instruction(code: test, skip: 1, value: third),
      Instruction(code: give, value: refuse | UInt32(error)),
    ]
  }

  /// Where the low half of an argument lies in `seccomp_data`, on a little-endian machine.
  private static func argument(_ number: UInt32) -> UInt32 { 16 + 8 * number }
}

/// `sock_filter` of <linux/filter.h>.
private struct Instruction {
  var code: UInt16
  var match: UInt8 = 0
  /// Instructions to skip where the test fails.
  var skip: UInt8 = 0
  var value: UInt32
}

/// `sock_fprog`.
private struct FilterProgram {
  var length: UInt16
  var instructions: UnsafeMutablePointer<Instruction>?
}

// Of <linux/bpf_common.h>, <linux/seccomp.h>, <linux/prctl.h> and <linux/if_tun.h>.
private let udpLevel: UInt32 = 17
private let load: UInt16 = 0x20
private let jumpIfEqual: UInt16 = 0x15
private let jumpIfAnyBit: UInt16 = 0x45
private let give: UInt16 = 0x06
private let allow: UInt32 = 0x7fff_0000
private let refuse: UInt32 = 0x0005_0000
private let setSeccomp: Int32 = 22
private let filterMode: UInt = 2
private let tunSetOffload: UInt32 = 0x4004_54d0

// The numbers of the two system calls.
#if arch(x86_64)
  private let setSocketOption: UInt32 = 54
  private let inputOutputControl: UInt32 = 16
#else
  private let setSocketOption: UInt32 = 208
  private let inputOutputControl: UInt32 = 29
#endif
