/// Through which proxy hosts are reached.
public struct ProxyRoute: Sendable, Equatable {
  private let proxy: HTTPProxy?
  private let exemptions: ProxyExemptions

  /// - Parameter proxy: nil for none.
  public init(_ proxy: HTTPProxy?, except exemptions: ProxyExemptions = ProxyExemptions("")) {
    self.proxy = proxy
    self.exemptions = exemptions
  }

  /// As programs take it from their environment: `https_proxy` or `HTTPS_PROXY`, and `no_proxy` or
  /// `NO_PROXY`. A proxy of another kind than ours is none.
  public init(environment: (String) -> String?) {
    let proxy = environment("https_proxy") ?? environment("HTTPS_PROXY")
    let exemptions = environment("no_proxy") ?? environment("NO_PROXY")
    self.init(
      proxy.flatMap { HTTPProxy(text: $0) }, except: ProxyExemptions(exemptions ?? ""))
  }

  public func proxy(for host: String) -> HTTPProxy? {
    exemptions.covers(host) ? nil : proxy
  }
}
