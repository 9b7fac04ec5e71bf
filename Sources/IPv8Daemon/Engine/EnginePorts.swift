import IPv8Platform
import IPv8Wire

/// The descriptors of one thread pair, until it takes them: a queue of the TUN device, and a socket
/// of each family on the one port.
final class LanePorts {
  var tun: TunDevice?
  var udp: UDPSockets?

  init(tun: consuming TunDevice, udp: consuming UDPSockets) {
    self.tun = consume tun
    self.udp = consume udp
  }
}

/// What the control thread takes.
final class ControlPorts {
  var udp: UDPSockets?
  var surroundings: Surroundings?
  let sites: [STUNSite]

  init(udp: consuming UDPSockets, surroundings: consuming Surroundings, sites: [STUNSite]) {
    self.sites = sites
    self.udp = consume udp
    self.surroundings = consume surroundings
  }
}

/// The TCP port of streams, until somebody listens there.
final class StreamSocket {
  var descriptor: FileDescriptor?

  init(_ descriptor: consuming FileDescriptor) { self.descriptor = consume descriptor }
}

/// Descriptors for all threads of an engine.
struct EnginePorts {
  let lanes: [LanePorts]
  let control: ControlPorts

  /// - Parameters:
  ///   - count: lanes.
  ///   - tun: the first lane's queue, of a device made for several where there are several lanes.
  ///   - addresses: the two that STUN is to be answered from, or none.
  ///   - probe: bound alone, so that the port is known to be nobody else's.
  init(
    lanes count: Int, tun: consuming TunDevice, probe: consuming UDPSockets,
    addresses: [IPAddress], surroundings: consuming Surroundings
  ) throws(DaemonError) {
    let (name, port) = (tun.name, probe.port)
    do {
      if count == 1 {
        try probe.share(!addresses.isEmpty)
        let sites = try STUNSite.open(addresses, port: port)
        try probe.share(false)
        control = ControlPorts(
          udp: try probe.duplicate(), surroundings: surroundings, sites: sites)
        lanes = [LanePorts(tun: tun, udp: probe)]
        return
      }
      Self.close(probe)
      var ports: [LanePorts] = []
      for _ in 1..<count {
        let queue = try tun.addQueue()
        ports.append(LanePorts(tun: queue, udp: try UDPSockets(port: port, shared: true)))
      }
      let last = try UDPSockets(port: port, shared: true)
      try last.steer(among: count)
      control = ControlPorts(
        udp: try last.duplicate(), surroundings: surroundings,
        sites: try STUNSite.open(addresses, port: port))
      // Sockets are numbered in the order in which they were bound.
      ports.append(LanePorts(tun: tun, udp: last))
      lanes = ports
    } catch let error as TunError {
      throw .interface(name, error)
    } catch let error as SocketError {
      throw .port(port, error)
    } catch let error as SystemError {
      throw .system("lanes", error)
    } catch {
      throw .system("lanes", SystemError(.socket, errno: 0))
    }
  }

  private static func close(_ sockets: consuming UDPSockets) {}
}
