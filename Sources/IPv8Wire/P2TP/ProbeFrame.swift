/// The body of a PROBE frame: an empty open (a bare INIT) that is to be sent to an endpoint, so that
/// its owner learns whom its NAT lets in (docs/protocol/traversal.md).
///
///     role(1) ‖ target's address(16) ‖ port(2) ‖ n(1) ‖ n × address(16)
public struct ProbeFrame: Sendable, Equatable {
  public enum Role: UInt8, Sendable, CaseIterable {
    /// Have a host send it that the target has not sent to.
    case fromStranger = 1
    /// Send it from another port.
    case fromOtherPort = 2
    /// You are that host: send it.
    case forward = 3
    /// It was sent so.
    case sentByStranger = 4
    case sentFromOtherPort = 5
  }

  /// Addresses that a frame names at most.
  public static let knownLimit = 3

  public var role: Role
  public var target: Endpoint
  /// Hosts that the target has sent to: none of them is a stranger.
  public var known: [IPAddress]

  public init(_ role: Role, target: Endpoint, known: [IPAddress] = []) {
    self.role = role
    self.target = target
    self.known = Array(known.prefix(Self.knownLimit))
  }

  public var frame: ControlFrame {
    var body = [role.rawValue]
    body.append(bigEndian: target.address.mapped)
    body.append(bigEndian: target.port)
    body.append(UInt8(known.count))
    for address in known { body.append(bigEndian: address.mapped) }
    return ControlFrame(.probe, body: body)
  }

  /// Nil where the body has another form.
  public init?(body: [UInt8]) {
    var reader = ByteReader(body.rawSpan)
    do throws(Truncated) {
      guard let role = Role(rawValue: try reader.integer(UInt8.self)) else { return nil }
      self.role = role
      let address = IPAddress(mapped: try reader.integer(UInt128.self))
      target = Endpoint(address, port: try reader.integer(UInt16.self))
      let count = Int(try reader.integer(UInt8.self))
      guard count <= Self.knownLimit, reader.remaining == 16 * count else { return nil }
      known = []
      for _ in 0..<count { known.append(IPAddress(mapped: try reader.integer(UInt128.self))) }
    } catch { return nil }
  }
}
