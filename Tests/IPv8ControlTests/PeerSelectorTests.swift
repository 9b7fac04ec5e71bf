import IPv8Control
import IPv8Wire
import Testing

@Suite struct PeerSelectorTests {
  private func peer(
    _ number: UInt8, petname: String? = nil, ownName: String? = nil
  ) throws -> SelectablePeer {
    SelectablePeer(
      permID: try #require(PermID([UInt8](repeating: number, count: 32))),
      address: try #require(OverlayAddress(IPv6Address(0xfde8 << 112 | UInt128(number)))),
      alias: IPv4Address(0x6440_0000 + UInt32(number)), petname: petname, ownName: ownName)
  }

  private func resolve(
    _ text: String, _ peers: [SelectablePeer]
  ) throws -> SelectablePeer {
    try #require(PeerSelector(text: text)).resolve(among: peers)
  }

  @Test("a peer is named by its PermID, overlay address, alias or name")
  func forms() throws {
    let (ada, bob) = (try peer(1, petname: "ada"), try peer(2, petname: "bob"))
    let peers = [ada, bob]
    for text in ["\(bob.permID)", "\(bob.address)", "fde8:0:0::2", "100.64.0.2", "bob"] {
      #expect(try resolve(text, peers) == bob, "\(text)")
    }
  }

  @Test("who matches nobody is unknown")
  func unknown() throws {
    let peers = [try peer(1, petname: "ada")]
    let stranger = try peer(9)
    for text in ["bob", "Ada", "100.64.0.9", "fde8::9", "\(stranger.permID)"] {
      #expect(throws: ControlError(.peerUnknown, text)) { try resolve(text, peers) }
    }
  }

  @Test("a petname goes before the same name that another peer gives itself")
  func petnameFirst() throws {
    let (ada, impostor) = (try peer(1, petname: "ada"), try peer(2, ownName: "ada"))
    #expect(try resolve("ada", [impostor, ada]) == ada)
    #expect(try resolve("ada", [impostor]) == impostor)
  }

  @Test("a peer with a petname is not found by the name that it gives itself")
  func petnameReplaces() throws {
    let peers = [try peer(1, petname: "ada", ownName: "eve"), try peer(2, ownName: "eve")]
    #expect(try resolve("eve", peers) == peers[1])
  }

  @Test("a name that several give themselves is refused, not guessed")
  func ambiguous() throws {
    let peers = [try peer(1, ownName: "ada"), try peer(2, ownName: "ada")]
    #expect(throws: ControlError(.peerAmbiguous, "ada")) { try resolve("ada", peers) }
  }

  @Test("names are compared byte by byte, so that two spellings of one sign stay apart")
  func bytes() throws {
    let peers = [try peer(1, petname: "e\u{301}"), try peer(2, petname: "\u{e9}")]
    #expect(try resolve("e\u{301}", peers) == peers[0])
    #expect(try resolve("\u{e9}", peers) == peers[1])
  }

  @Test("no text, a long one and an address outside the overlay name nobody")
  func malformed() {
    for text in ["", "2001:db8::1", String(repeating: "x", count: 65)] {
      #expect(PeerSelector(text: text) == nil)
    }
  }
}
