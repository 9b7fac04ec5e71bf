import CCap
import CIPv8Linux
import Glibc

// Root starts us, or a file capability does. What stays after set-up is exactly the capabilities
// named, in a process that cannot gain others, leave a core file or be traced by its user.
//
// The order matters: the bounding set shrinks while CAP_SETPCAP is still there; the user changes
// with the permitted capabilities kept; then these shrink; then the door is locked.

/// What this process may do beyond an ordinary one.
public enum Privileges {
  /// Whether CAP_NET_ADMIN is effective in this thread.
  public static func canAdministerNetwork() -> Bool {
    do { return try CapabilitySet.current().isEffective(CAP_NET_ADMIN) } catch { return false }
  }

  /// Whether this process is root's.
  public static var isRoot: Bool { geteuid() == 0 }

  /// Becomes `user` where this process is root's and a user is named, and keeps only
  /// `capabilities`. Verified afterwards; there is no way back.
  ///
  /// Call it before any other thread exists: capabilities belong to threads.
  public static func drop(
    to user: String?, keeping capabilities: [Capability]
  ) throws(PrivilegeError) {
    let account = geteuid() == 0 ? try account(user) : nil
    try requireSoleThread()
    try require(capabilities)
    let verified: Bool
    do throws(SystemError) {
      let target = try CapabilitySet.exactly(capabilities)
      dropBounding(except: capabilities)
      if let account { try become(account) }
      try target.apply()
      try lockDown()
      verified = try isLockedDown(as: account, with: target)
    } catch { throw .system(error) }
    guard verified else { throw .stillPrivileged }
  }

  private static func account(_ user: String?) throws(PrivilegeError) -> UserAccount? {
    guard let user else { return nil }
    do throws(SystemError) {
      if let account = try UserAccount(named: user) { return account }
    } catch { throw .system(error) }
    throw .unknownUser(user)
  }

  private static func requireSoleThread() throws(PrivilegeError) {
    do throws(SystemError) {
      // A directory has two links beside those of the directories in it, here one per thread.
      let tasks = try FileDescriptor.open("/proc/self/task", O_RDONLY | O_DIRECTORY).status()
      if tasks.st_nlink == 3 { return }
    } catch { throw .system(error) }
    throw .otherThreads
  }

  private static func require(_ capabilities: [Capability]) throws(PrivilegeError) {
    let absent: Capability?
    do throws(SystemError) {
      let current = try CapabilitySet.current()
      absent = capabilities.first { !current.isEffective($0.value) }
    } catch { throw .system(error) }
    if let absent { throw .missing(absent) }
  }

  /// Needs CAP_SETPCAP; where that is missing, `PR_SET_NO_NEW_PRIVS` alone has to do.
  private static func dropBounding(except capabilities: [Capability]) {
    for value in 0..<cap_max_bits() where !capabilities.contains(where: { $0.value == value }) {
      cap_drop_bound(value)
    }
    cap_reset_ambient()
  }

  private static func become(_ account: UserAccount) throws(SystemError) {
    try checked(.prctl, cipv8_prctl(PR_SET_KEEPCAPS, 1))
    var group = account.groupID
    // Sound: one group is given and one is pointed to.
    try retrying(.setGroups) { unsafe setgroups(1, &group) }
    try checked(.setGroupID, cipv8_set_group_id(account.groupID))
    try checked(.setUserID, cipv8_set_user_id(account.userID))
  }

  private static func lockDown() throws(SystemError) {
    try checked(.prctl, cipv8_prctl(PR_SET_KEEPCAPS, 0))
    try checked(.prctl, cipv8_prctl(PR_SET_NO_NEW_PRIVS, 1))
    try checked(.prctl, cipv8_prctl(PR_SET_DUMPABLE, 0))
    try checked(.setLimit, cipv8_disable_core_dumps())
  }

  private static func isLockedDown(
    as account: UserAccount?, with target: borrowing CapabilitySet
  ) throws(SystemError) -> Bool {
    if let account {
      let hasIDs = try checked(.setUserID, cipv8_has_ids(account.userID, account.groupID)) == 1
      guard hasIDs else { return false }
    }
    let noNewPrivileges = try checked(.prctl, cipv8_prctl(PR_GET_NO_NEW_PRIVS, 0)) == 1
    let isDumpable = try checked(.prctl, cipv8_prctl(PR_GET_DUMPABLE, 0)) == 1
    let hasTarget = try CapabilitySet.current().equals(target)
    return hasTarget && noNewPrivileges && !isDumpable
  }
}
