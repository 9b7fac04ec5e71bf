import CCap
import Glibc

/// A process's effective, permitted and inheritable capabilities, through libcap.
@safe
struct CapabilitySet: ~Copyable {
  private let set: cap_t

  deinit { unsafe cap_free(UnsafeMutableRawPointer(set)) }

  private init(owning set: cap_t?) throws(SystemError) {
    guard let set = unsafe set else { throw SystemError(.capabilities, errno: errno) }
    unsafe self.set = set
  }

  /// Those of this thread.
  static func current() throws(SystemError) -> CapabilitySet {
    unsafe try CapabilitySet(owning: cap_get_proc())
  }

  /// Effective and permitted are `capabilities`, inheritable is empty.
  static func exactly(_ capabilities: [Capability]) throws(SystemError) -> CapabilitySet {
    let result = unsafe try CapabilitySet(owning: cap_init())
    for capability in capabilities {
      var value = capability.value
      for flag in [CAP_PERMITTED, CAP_EFFECTIVE] {
        let set = unsafe result.set
        // Sound: one value is given and one is pointed to.
        try retrying(.capabilities) { unsafe cap_set_flag(set, flag, 1, &value, CAP_SET) }
      }
    }
    return result
  }

  func isEffective(_ capability: cap_value_t) -> Bool {
    var state = CAP_CLEAR
    // Sound: one flag is stored.
    return unsafe cap_get_flag(set, capability, CAP_EFFECTIVE, &state) == 0 && state == CAP_SET
  }

  /// Makes this what the calling thread has.
  func apply() throws(SystemError) {
    let set = unsafe set
    try retrying(.capabilities) { unsafe cap_set_proc(set) }
  }

  func equals(_ other: borrowing CapabilitySet) -> Bool {
    unsafe cap_compare(set, other.set) == 0
  }
}
