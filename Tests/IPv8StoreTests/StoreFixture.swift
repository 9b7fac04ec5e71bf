import Foundation
import IPv8Wire
import Testing

@testable import IPv8Store

/// A directory of its own, removed at the end of the test.
final class TemporaryDirectory {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "ipv8-store-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var database: String { path + "/ipv8.db" }
}

/// The `number`th of the peers that tests speak of.
struct SamplePeer {
  let permID: PermID
  let address: OverlayAddress

  init(_ number: UInt8) throws {
    permID = try #require(PermID([UInt8](repeating: number, count: 32)))
    address = try #require(
      OverlayAddress(IPv6Address(0xfde8 << 112 | UInt128(number) << 64 | 7)))
  }
}

extension Store {
  @discardableResult
  func add(
    _ peer: SamplePeer, name: String? = nil, endpoints: [String] = [], keepOpen: Bool? = nil,
    at milliseconds: UInt64 = 1
  ) throws -> StoredContact {
    try addContact(
      peer.permID, address: peer.address, name: name,
      endpoints: try endpoints.map { try #require(ToldAddress(text: $0)) }, keepOpen: keepOpen,
      now: WallTime(milliseconds: milliseconds))
  }
}

func binding(
  _ peer: SamplePeer, port: UInt16, at milliseconds: UInt64, signed: Bool
) -> StoredBinding {
  StoredBinding(
    permID: peer.permID, ipv4: IPv4Address(0xcb00_7101), port: port, ipv6: nil, port6: 0,
    timestamp: WallTime(milliseconds: milliseconds), certificate: signed ? [1, 2, 3] : [])
}
