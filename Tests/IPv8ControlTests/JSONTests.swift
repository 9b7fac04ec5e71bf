import IPv8Control
import Testing

@Suite struct JSONTests {
  @Test("the field names of the status and of a peer are frozen")
  func golden() throws {
    #expect(try ControlJSON.text(Samples.peer) == Golden.peer)
    #expect(try ControlJSON.text(Samples.status) == Golden.status)
  }

  @Test("the field names of what pings and identities are told in are frozen")
  func small() throws {
    let ping = PingReport(
      permID: "p", name: "bob", sequence: 1, rttMicroseconds: 2, path: PathReport(kind: .relayed))
    #expect(
      try ControlJSON.text(ping) == """
        {
          "name" : "bob",
          "path" : {
            "kind" : "relayed"
          },
          "permID" : "p",
          "rttMicroseconds" : 2,
          "sequence" : 1
        }
        """)
    #expect(
      try ControlJSON.text(IdentityReport(permID: "p", address6: "fde8::1", name: "")) == """
        {
          "address6" : "fde8::1",
          "name" : "",
          "permID" : "p"
        }
        """)
  }

  @Test("the field names of a network are frozen")
  func network() throws {
    #expect(try ControlJSON.text(Samples.netcheck) == Golden.netcheck)
  }

  @Test("the field names of an explanation are frozen")
  func why() throws {
    #expect(
      try ControlJSON.text(Samples.why) == """
        {
          "events" : [
            {
              "atMilliseconds" : 1700000000000,
              "what" : "answers stopped"
            }
          ],
          "explanation" : "bob is reached directly.",
          "name" : "bob",
          "permID" : "\(String(repeating: "b", count: 51))a"
        }
        """)
  }

  @Test("the exit codes and the codes of errors are frozen")
  func codes() {
    #expect(
      ExitCode.allCases.map(\.rawValue)
        == [0, 1, 3, 64, 65, 66, 67, 69, 70, 71, 73, 75, 77, 78])
    let expected: [ControlError.Code: ExitCode] = [
      .notRunning: .notRunning, .notResponding: .temporary, .permissionDenied: .noPermission,
      .peerUnknown: .unknownPeer, .peerAmbiguous: .unknownPeer, .peerIsSelf: .usage,
      .permIDMalformed: .usage, .endpointMalformed: .usage, .nameInvalid: .usage,
      .nameTaken: .usage, .tooManyEndpoints: .usage, .tooManyContacts: .usage,
      .tooManyBlocked: .usage,
      .admissionInvalid: .usage,
      .tooManyRelations: .usage, .strengthInvalid: .usage,
      .addressNotLocal: .unknownPeer, .socketUnknown: .unknownPeer,
      .classInvalid: .usage, .tooManyClasses: .usage,
      .tooManySubscribers: .temporary,
      .timeout: .noAnswer, .stateBusy: .temporary, .diskFull: .cannotCreate, .storage: .data,
      .identityMissing: .noInput, .stateMissing: .noInput, .requestMalformed: .software,
      .requestTooLarge: .software, .routeUnknown: .software, .methodNotAllowed: .software,
      .internalError: .software,
    ]
    for code in ControlError.Code.allCases {
      #expect(ControlError(code, "x").exitCode == expected[code], "\(code)")
    }
    #expect(
      ControlError.Code.allCases.map(\.rawValue).joined(separator: " ") == """
        notRunning notResponding permissionDenied peerUnknown peerAmbiguous peerIsSelf \
        permIDMalformed endpointMalformed nameInvalid nameTaken tooManyEndpoints tooManyContacts tooManyBlocked admissionInvalid \
        tooManyRelations strengthInvalid timeout addressNotLocal socketUnknown classInvalid tooManyClasses tooManySubscribers stateBusy diskFull storage identityMissing stateMissing requestMalformed \
        requestTooLarge routeUnknown methodNotAllowed internalError
        """)
  }

  @Test("every error is explained in one line that names its subject")
  func explanations() {
    for code in ControlError.Code.allCases {
      let text = ControlError(code, "the-subject").explanation
      #expect(text.contains("the-subject") && !text.contains("\n") && !text.hasSuffix("."))
    }
  }
}

/// The reports of ``Samples`` as they go over the wire.
private enum Golden {
  static let peer = """
    {
      "address4" : "100.64.0.2",
      "address6" : "fde8::2",
      "binding" : {
        "endpoints" : [
          "192.0.2.1:41641"
        ],
        "signed" : true,
        "timestampMilliseconds" : 1700000000000
      },
      "endpoints" : [
        "bob.example:41641"
      ],
      "keepOpen" : true,
      "lastHeardMilliseconds" : 3,
      "lossRatio" : 0.5,
      "name" : "bob",
      "path" : {
        "endpoint" : "192.0.2.1:41641",
        "kind" : "direct",
        "rttMicroseconds" : 3217
      },
      "permID" : "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbba",
      "receivedBytes" : 2,
      "sentBytes" : 1,
      "state" : "open",
      "suite" : "AES-256-GCM"
    }
    """

  static let netcheck = """
    {
      "families" : [
        {
          "dissenting" : [
            "192.0.2.9:1"
          ],
          "external" : "198.51.100.1:41641",
          "externalAddress" : "198.51.100.1",
          "family" : "ipv4",
          "filtering" : "addressAndPortDependent",
          "hairpin" : false,
          "kind" : "portRestrictedCone",
          "local" : "192.168.1.10:41641",
          "mapping" : "endpointIndependent",
          "portStep" : 2,
          "ports" : "sequential",
          "reportersAnswered" : 2,
          "reportersAsked" : 3,
          "unknown" : {
            "hairpin" : "why"
          }
        }
      ],
      "gateway4" : "192.168.1.1",
      "gateway6" : "fe80::1",
      "keepaliveMilliseconds" : 92000,
      "lifetimes" : {
        "absoluteSeconds" : 600,
        "establishedDeadSeconds" : 125,
        "establishedSeconds" : 115,
        "unrepliedDeadSeconds" : 30,
        "unrepliedSeconds" : 25
      },
      "local" : [
        "192.168.1.10:41641"
      ],
      "measuringLifetimes" : false,
      "network" : "00ff",
      "portMapping" : {
        "external" : "198.51.100.1:41641",
        "madeBy" : "pcp",
        "reachable" : true,
        "state" : "mapped"
      },
      "unfinished" : false
    }
    """

  static let status = """
    {
      "address4" : "100.64.0.1",
      "address6" : "fde8::1",
      "counters" : {
        "accepted" : 2,
        "dropped" : 1
      },
      "dataPath" : {
        "aead" : [
          "AES-256-GCM"
        ],
        "lanes" : 2,
        "tunOffload" : [
          "TCPv6"
        ],
        "udpGRO" : false,
        "udpGSO" : true
      },
      "interface" : "ipv8",
      "mtu" : 1280,
      "name" : "me",
      "peers" : [
    \(peer.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n"))
      ],
      "permID" : "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "port" : 41641,
      "uptimeSeconds" : 60,
      "version" : "9.9.9"
    }
    """
}
