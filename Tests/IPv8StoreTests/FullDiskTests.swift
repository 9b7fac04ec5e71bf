import Foundation
import Glibc
import IPv8Wire
import Testing

@testable import IPv8Store

/// A file system of `kilobytes`, mounted for the time of the test.
final class TinyDisk {
  let path: String

  init?(kilobytes: Int) throws {
    path = NSTemporaryDirectory() + "ipv8-disk-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    guard mount("tmpfs", path, "tmpfs", 0, "size=\(kilobytes)k") == 0 else {
      try FileManager.default.removeItem(atPath: path)
      return nil
    }
  }

  deinit {
    umount2(path, Int32(MNT_DETACH))
    rmdir(path)
  }

  /// Leaves no free byte.
  func fill() throws {
    let file = try #require(fopen(path + "/ballast", "w"))
    defer { fclose(file) }
    setvbuf(file, nil, _IONBF, 0)
    let block = [UInt8](repeating: 1, count: 4096)
    while fwrite(block, 1, block.count, file) == block.count {}
  }
}

@Suite(.enabled(if: geteuid() == 0, "mounting needs root")) struct FullDiskTests {
  @Test("on a full disk opening is refused as such")
  func opening() throws {
    let disk = try #require(try TinyDisk(kilobytes: 64))
    try disk.fill()
    let path = disk.path + "/ipv8.db"
    #expect(throws: StoreError.diskFull(path: path)) { try Store(path: path) }
  }

  @Test("when the disk fills up, the write that does not fit fails and all before it are there")
  func writing() throws {
    let disk = try #require(try TinyDisk(kilobytes: 512))
    let path = disk.path + "/ipv8.db"
    var added = 0
    do {
      let store = try Store(path: path)
      try store.add(try SamplePeer(1))
      try disk.fill()
      #expect(throws: StoreError.diskFull(path: path)) {
        for number in UInt8(2)...250 {
          try store.add(try SamplePeer(number), endpoints: (1...16).map { "192.0.2.1:\($0)" })
          added += 1
        }
      }
      #expect(try store.contacts().count == added + 1)
    }
    #expect(unlink(disk.path + "/ballast") == 0)
    let store = try Store(path: path)
    #expect(try store.contacts().count == added + 1)
    try store.add(try SamplePeer(251))
  }
}
