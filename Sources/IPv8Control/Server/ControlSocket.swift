import FoundationEssentials

/// The socket's place in the file system.
///
/// A socket gets the process's default mode when it is bound, and whoever may write to it may
/// command the daemon. So it is bound inside a directory that only its owner can enter, given its
/// mode there, and then moved to where others look for it.
struct ControlSocket {
  /// Bytes; what sockaddr_un holds (108) less the longer name while it is being made.
  static let pathLimit = 96

  let path: String
  /// Who may write to it may connect.
  let mode: Int

  private var nursery: String { path + ".new" }
  var temporaryPath: String { nursery + "/s" }

  init(path: String, mode: Int = 0o660) throws(ControlError) {
    guard path.utf8.count <= Self.pathLimit else {
      throw ControlError(.storage, "socket \(path): longer than \(Self.pathLimit) bytes")
    }
    self.path = path
    self.mode = mode
  }

  func prepare() throws(ControlError) {
    try attempt { files in
      if files.fileExists(atPath: nursery) { try files.removeItem(atPath: nursery) }
      try files.createDirectory(
        atPath: nursery, withIntermediateDirectories: false,
        attributes: [.posixPermissions: 0o700])
    }
  }

  /// Puts the bound socket in its place, where a stale one may be.
  func publish() throws(ControlError) {
    try attempt { files in
      try files.setAttributes([.posixPermissions: mode], ofItemAtPath: temporaryPath)
      try removeSocket(files)
      try files.moveItem(atPath: temporaryPath, toPath: path)
      try files.removeItem(atPath: nursery)
    }
  }

  /// Takes the socket away at the end.
  func remove() {
    do {
      try removeSocket(.default)
    } catch {
      // It is stale then, which the next start repairs.
    }
  }

  private func removeSocket(_ files: FileManager) throws {
    guard let kind = try? files.attributesOfItem(atPath: path)[.type] as? FileAttributeType else {
      return
    }
    guard kind == .typeSocket else { throw CocoaError(.fileWriteFileExists) }
    try files.removeItem(atPath: path)
  }

  private func attempt(_ body: (FileManager) throws -> Void) throws(ControlError) {
    do {
      try body(.default)
    } catch let error as CocoaError where error.code == .fileWriteOutOfSpace {
      throw ControlError(.diskFull, path)
    } catch let error as CocoaError where error.code == .fileWriteFileExists {
      throw ControlError(.storage, "socket \(path): another file is in its place")
    } catch {
      throw ControlError(.storage, "socket \(path): cannot be made in its directory")
    }
  }
}
