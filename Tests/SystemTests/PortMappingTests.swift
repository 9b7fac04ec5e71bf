import Foundation
import Testing

extension SystemTests {
  /// docs/protocol/traversal.md, "Port mapping", with miniupnpd on a symmetric NAT.
  @Suite("A mapped port", .serialized)
  struct PortMappingTests {
    /// A router with miniupnpd and a peer behind it.
    struct Setting {
      let lab: Lab
      let router: Host
      let ada: Peer
      let daemon: Command

      /// - Parameter kind: the best protocol that the router speaks.
      init(_ kind: String) throws {
        lab = try Lab()
        try lab.router("home", .symmetric, at: "5.5.5.10", inside: "10.9.0")
        router = Host(lab: lab, name: "home", underlay: "5.5.5.10")
        try router.expect("nft", Self.chains)
        if kind == "natPMP" {
          // The server speaks both or neither: what begins with version 2 is PCP.
          try router.expect(
            "nft",
            """
            table inet nopcp { chain input { type filter hook input priority 0;
              udp dport 5351 @th,64,8 2 drop; }; }
            """)
        }
        let file = "\(lab.directory)/miniupnpd.conf"
        try Self.configuration(speaksPMP: kind != "upnp")
          .write(toFile: file, atomically: true, encoding: .utf8)
        daemon = try router.start(
          "miniupnpd", "-d", "-f", file, "-P", "\(lab.directory)/miniupnpd.pid")
        let router = router
        try eventually("the router listens") {
          try router.run("ss", "-Hltn", "sport", "=", ":5000").output.contains(":5000")
        }
        ada = try Peer(on: try lab.host("ada", behind: "home", at: "10.9.0.2"))
      }

      /// What it changes in a table of its own; the lab's own filter would drop what it lets in.
      private static let chains = """
        table inet filter {
          chain miniupnpd { };
          chain prerouting_miniupnpd { };
          chain postrouting_miniupnpd { };
          chain prerouting { type nat hook prerouting priority dstnat - 10;
            jump prerouting_miniupnpd; };
        };
        insert rule ip lab forward ct status dnat accept
        """

      private static func configuration(speaksPMP: Bool) -> String {
        """
        ext_ifname=eth0
        listening_ip=lan0
        port=5000
        enable_natpmp=\(speaksPMP ? "yes" : "no")
        enable_upnp=yes
        secure_mode=yes
        uuid=00000000-0000-0000-0000-000000000001
        allow 1024-65535 10.9.0.0/24 1024-65535
        deny 0-65535 0.0.0.0/0 0-65535
        upnp_table_name=filter
        upnp_nat_table_name=filter
        upnp_forward_chain=miniupnpd
        upnp_nat_chain=prerouting_miniupnpd
        upnp_nat_postrouting_chain=postrouting_miniupnpd

        """
      }

      func isMapped() throws -> Bool {
        try router.run("nft", "list", "chain", "inet", "filter", "prerouting_miniupnpd").output
          .contains("dnat ip to 10.9.0.2:\(Peer.port)")
      }
    }

    @Test(
      "leads anybody to a peer behind a symmetric NAT, until it goes down",
      arguments: ["pcp", "natPMP", "upnp"])
    func mapped(kind: String) throws {
      let setting = try Setting(kind)
      let ada = setting.ada
      try ada.up()
      let mapping = try ada.netcheck().portMapping
      #expect(mapping.state == "mapped" && mapping.madeBy == kind)
      let external = try #require(mapping.external)
      #expect(external == "5.5.5.10:\(Peer.port)")
      #expect(try setting.isMapped())

      let bob = try Peer(on: try setting.lab.host("bob", at: "8.8.4.1"))
      try bob.up()
      try ada.add(bob)
      try bob.add(ada, at: "5.5.5.10")
      #expect(try bob.reaches(ada))
      let path = try #require(try bob.status(of: ada)?.path)
      #expect(path.kind == "direct" && path.endpoint == external)

      try ada.down()
      #expect(try !setting.isMapped())
    }

    @Test("is not asked for where the user does not want it")
    func switchedOff() throws {
      let setting = try Setting("pcp")
      try setting.ada.up(configuration: "port_mapping = false\n")
      #expect(try setting.ada.netcheck().portMapping.state == "off")
      #expect(try !setting.isMapped())
    }
  }
}
