import Glibc
import IPv8Crypto
import IPv8Platform
import IPv8Traversal
import IPv8Wire
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Streams of datagrams over TLS: those that this host dials, and those that it accepts. Has a thread
/// of its own from the first use on.
public final class StreamService: Sendable {
  private struct Running {
    let group: MultiThreadedEventLoopGroup
    let table: NIOLoopBoundBox<StreamTable>
    let client: NIOSSLContext
  }

  public let port: StreamPort
  private let route: ProxyRoute
  private let deliver: @Sendable (UInt32, [UInt8]) -> Void
  private let report: @Sendable (StreamEvent) -> Void
  private let running = Mutex<Running?>(nil)
  private let nat64 = Mutex<NAT64Prefix?>(nil)

  /// - Parameters:
  ///   - port: by which other threads send.
  ///   - deliver: takes each datagram that arrives, with its stream's number; must not wait.
  ///   - report: takes what happens; must not wait.
  public init(
    port: StreamPort, route: ProxyRoute,
    deliver: @escaping @Sendable (UInt32, [UInt8]) -> Void,
    report: @escaping @Sendable (StreamEvent) -> Void
  ) {
    self.port = port
    self.route = route
    self.deliver = deliver
    self.report = report
  }

  private func start() throws -> Running {
    try running.withLock { running in
      if let running { return running }
      let client = try NIOSSLContext(configuration: .stream)
      let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
      let loop = group.next()
      let (port, deliver, report) = (port, deliver, report)
      let table = NIOLoopBoundBox.makeBoxSendingValue(
        StreamTable(port: port, deliver: deliver, report: report), eventLoop: loop)
      port.setWake { loop.execute { table.value.drain() } }
      let made = Running(group: group, table: table, client: client)
      running = made
      return made
    }
  }

  /// Ends all streams; the thread ends some time later.
  public func stop() {
    port.setWake(nil)
    guard let running = running.withLock({ $0.take() }) else { return }
    running.table.eventLoop.execute {
      running.table.value.hangUpAll()
      running.group.shutdownGracefully { _ in }
    }
  }

  /// Ends one stream.
  public func hangUp(_ number: UInt32) {
    guard let running = running.withLock({ $0 }) else { return }
    running.table.eventLoop.execute { running.table.value.hangUp(number) }
  }

  // MARK: Accepting

  /// Accepts streams on a bound socket, at `path`; others find a web server without pages.
  public func listen(
    on socket: consuming IPv8Platform.FileDescriptor, path: String, certificate: CarrierCertificate
  ) throws(SystemError) {
    do {
      try serve(socket.release(), path: path, certificate: certificate)
    } catch {
      throw SystemError(.listen, errno: (error as? IOError)?.errnoCode ?? EPROTO)
    }
  }

  private func serve(_ socket: Int32, path: String, certificate: CarrierCertificate) throws {
    let running = try start()
    let context = try NIOSSLContext(configuration: .stream(certificate))
    let table = running.table
    let bootstrap = ServerBootstrap(group: running.group)
      .serverChannelOption(.backlog, value: 128)
      .childChannelOption(.writeBufferWaterMark, value: .stream)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.unsentLimit, value: SocketOptionValue(StreamService.unsentLimit))
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let source = channel.remoteAddress?.ipAddress.flatMap { IPAddress(text: $0) }
          guard let stream = table.value.accept(StreamLink(serving: path), from: source) else {
            throw ChannelError.operationUnsupported
          }
          try channel.pipeline.syncOperations.addHandlers(
            [NIOSSLServerHandler(context: context), stream])
        }
      }
    _ = try bootstrap.withBoundSocket(socket).wait()
  }

  /// Bytes that the kernel keeps unsent of a stream: the rest waits where it can be dropped.
  static let unsentLimit: Int32 = 64 << 10

  // MARK: Dialling

  /// By which IPv4 addresses are reached; nil where that is by IPv4. Names are the resolver's concern.
  public func setNAT64(_ prefix: NAT64Prefix?) { nat64.withLock { $0 = prefix } }

  /// What to connect to for `host`.
  private func outward(_ host: HostPort) -> String {
    guard let prefix = nat64.withLock({ $0 }), let address = IPAddress(text: host.host) else {
      return host.host
    }
    return prefix.outward(Endpoint(address, port: host.port)).address.description
  }

  /// Dials the addresses one after the other until one opens a stream; one event tells the outcome.
  public func dial(
    _ peer: PeerIndex, at addresses: [StreamAddress], path: String
  ) {
    do {
      let running = try start()
      running.table.eventLoop.execute {
        self.dial(addresses[...], of: peer, path: path, running)
      }
    } catch { report(.failed(peer)) }
  }

  private func dial(
    _ addresses: ArraySlice<StreamAddress>, of peer: PeerIndex, path: String, _ running: Running
  ) {
    guard let address = addresses.first else { return report(.failed(peer)) }
    let proxy = route.proxy(for: address.location.host)
    let first = proxy?.location ?? address.location
    let table = running.table
    let further: @Sendable () -> Void = {
      self.dial(addresses.dropFirst(), of: peer, path: path, running)
    }
    ClientBootstrap(group: running.table.eventLoop)
      .connectTimeout(StreamHandler.openingLimit)
      .channelOption(.writeBufferWaterMark, value: .stream)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(.unsentLimit, value: SocketOptionValue(StreamService.unsentLimit))
      .connect(host: outward(first), port: Int(first.port))
      .whenComplete { result in
        guard case .success(let channel) = result else { return further() }
        let link = StreamLink(
          dialling: address.authority, path: path, seed: .random(in: .min ... .max))
        let stream = table.value.dialled(link, for: peer, failed: further)
        do {
          try channel.pipeline.syncOperations.addHandler(stream)
          let security = try NIOSSLClientHandler(
            context: running.client, serverHostname: address.serverName)
          try channel.pipeline.syncOperations.addHandler(
            Self.first(security, through: proxy, to: address, before: stream), position: .first)
        } catch { channel.close(promise: nil) }
      }
  }

  /// What speaks first on a connection: TLS, or who asks a proxy for a tunnel and then makes way.
  private static func first(
    _ security: NIOSSLClientHandler, through proxy: HTTPProxy?, to address: StreamAddress,
    before stream: StreamHandler
  ) -> any ChannelHandler {
    guard let proxy else { return security }
    return ProxyHandler(proxy.request(to: address.location)) { context in
      try context.pipeline.syncOperations.addHandler(security, position: .before(stream))
    }
  }
}

extension ChannelOption where Self == ChannelOptions.Types.SocketOption {
  /// TCP_NOTSENT_LOWAT.
  fileprivate static var unsentLimit: Self {
    Self(level: .tcp, name: NIOBSDSocket.Option(rawValue: 25))
  }
}

extension ChannelOptions.Types.WriteBufferWaterMark {
  /// Bytes that NIO keeps when the kernel takes no more.
  fileprivate static var stream: Self { Self(low: 8 << 10, high: 32 << 10) }
}

extension StreamAddress {
  /// For SNI, which names no addresses (RFC 6066 §3).
  fileprivate var serverName: String? {
    IPAddress(text: location.host) == nil ? location.host : nil
  }
}
