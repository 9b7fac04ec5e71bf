import Foundation
import Glibc
import Testing

@testable import IPv8Platform

@Suite("Files")
struct FileTests {
  private static let old = [UInt8]("old".utf8)
  private static let new = [UInt8]("new".utf8)

  @Test("an atomic write replaces the content and sets the mode, leaving nothing beside it")
  func write() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("key")
    try AtomicFile.write(Self.old, to: path, mode: 0o644)
    try AtomicFile.write(Self.new, to: path, mode: 0o600)
    let contents = try File.read(path, limit: 100)
    #expect(contents.bytes == Self.new && contents.mode == 0o600 && contents.owner == geteuid())
    #expect(try directory.names == ["key"])
  }

  @Test("a file is created once; a second time it is left alone")
  func create() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("key")
    try AtomicFile.create(Self.old, at: path, mode: 0o600)
    #expect(throws: FileError.exists) {
      try AtomicFile.create(Self.new, at: path, mode: 0o600)
    }
    #expect(try File.read(path, limit: 100).bytes == Self.old)
    #expect(try directory.names == ["key"])
  }

  @Test(
    "a full disk leaves the old content and no file beside it", .enabled(if: isRoot, "needs root"))
  func fullDisk() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path
    try isolated(.mount) {
      try #require(mount("none", path, "tmpfs", 0, "size=64k") == 0)
      try AtomicFile.write(Self.old, to: path + "/key", mode: 0o600)
      let large = [UInt8](repeating: 1, count: 1 << 20)
      #expect(throws: FileError.noSpace) {
        try AtomicFile.write(large, to: path + "/key", mode: 0o600)
      }
      #expect(throws: FileError.noSpace) {
        try AtomicFile.create(large, at: path + "/other", mode: 0o600)
      }
      #expect(try File.read(path + "/key", limit: 100).bytes == Self.old)
      #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["key"])
    }
  }

  @Test("reading tells a missing file, a directory, a pipe and an overlong file apart")
  func readErrors() throws {
    let directory = try TemporaryDirectory()
    #expect(throws: FileError.notFound) { try File.read(directory.file("none"), limit: 9) }
    #expect(throws: FileError.notRegular) { try File.read(directory.path, limit: 9) }
    try #require(mkfifo(directory.file("pipe"), 0o600) == 0)
    #expect(throws: FileError.notRegular) { try File.read(directory.file("pipe"), limit: 9) }
    try AtomicFile.write([1, 2, 3], to: directory.file("file"), mode: 0o600)
    #expect(try File.read(directory.file("file"), limit: 3).bytes == [1, 2, 3])
    #expect(throws: FileError.tooLarge) { try File.read(directory.file("file"), limit: 2) }
    #expect(throws: FileError.notDirectory) { try File.read(directory.file("file/x"), limit: 2) }
  }

  @Test("a lock is held once and says by whom, and is free again when its owner went")
  func lock() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("lock")
    do {
      let lock = try LockFile(path)
      #expect(throws: LockError.held(byPID: getpid())) { _ = try LockFile(path) }
      _ = consume lock
    }
    _ = try LockFile(path)
    #expect(throws: LockError.file(.notFound)) { _ = try LockFile(directory.file("a/lock")) }
  }

  @Test("a directory is made with those above it and its own mode, and one that exists is left")
  func directories() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("a/b")
    try Directory.create(path, mode: 0o777)
    try Directory.create(path, mode: 0o700)
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o777)
    try AtomicFile.write([], to: directory.file("file"), mode: 0o600)
    #expect(throws: FileError.notDirectory) {
      try Directory.create(directory.file("file"), mode: 0o700)
    }
    #expect(throws: FileError.notDirectory) {
      try Directory.create(directory.file("file/x"), mode: 0o700)
    }
  }
}
