import IPv8Control
import IPv8Platform

/// The directory of the socket that serves the quality of paths alone: who may enter it may read.
enum Observation {
  /// Opens the directory to `readers`, or closes it. Needs the privileges that are dropped later.
  ///
  /// - Parameter owner: who will make the socket in it; nil for this process's user.
  static func prepare(
    for readers: PathReaders, in state: StateDirectory, owner: UserAccount?
  ) throws {
    let directory = state.observation
    var group: GroupAccount?
    if case .group(let name) = readers { group = try Self.group(name) }
    do throws(FileError) {
      guard readers != .root else { return try close(directory) }
      let mode: UInt32 = readers == .everyone ? 0o755 : 0o750
      try Directory.create(directory, mode: mode)
      try Directory.setAccess(
        directory, owner: owner?.userID, group: group?.groupID ?? owner?.groupID, mode: mode)
      try Directory.letThrough(state.path)
    } catch { throw ControlError(error, directory) }
  }

  private static func close(_ directory: String) throws(FileError) {
    do throws(FileError) {
      try Directory.setAccess(directory, mode: 0o700)
    } catch {
      // It never was opened.
      guard error == .notFound else { throw error }
    }
  }

  private static func group(_ name: String) throws(DaemonError) -> GroupAccount {
    do throws(SystemError) {
      if let group = try GroupAccount(named: name) { return group }
    } catch { throw .system("group \(name)", error) }
    throw .unknownGroup(name)
  }
}
