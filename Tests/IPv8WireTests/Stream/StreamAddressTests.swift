import IPv8Wire
import Testing

@Suite("Addresses of streams and proxies")
struct StreamAddressTests {
  @Test(
    "an HTTPS address has a host, perhaps a port, and no page",
    arguments: [
      ("https://example.org", "https://example.org"),
      ("HTTPS://example.org:443/", "https://example.org"),
      ("https://example.org:8443", "https://example.org:8443"),
      ("https://192.0.2.1", "https://192.0.2.1"),
      ("https://[2001:db8::1]:444", "https://[2001:db8::1]:444"),
    ])
  func addresses(text: String, printed: String) throws {
    let address = try #require(StreamAddress(text: text))
    #expect("\(address)" == printed)
    #expect(StreamAddress(text: printed) == address)
    #expect(ToldAddress(text: text) == .stream(address))
    #expect("https://\(address.authority)" == printed)
  }

  @Test(
    "anything else is refused",
    arguments: [
      "https://", "https:///", "https://a/b", "https://a:0", "https://a:65536", "https://u@a",
      "http://a", "https//a", "https://a b", "https://2001:db8::1",
    ])
  func refused(text: String) { #expect(ToldAddress(text: text) == nil) }

  @Test("HOST:PORT is an address for datagrams")
  func datagrams() {
    #expect(ToldAddress(text: "a:1") == HostPort(text: "a:1").map { .datagrams($0) })
  }

  @Test(
    "a proxy is named as environments do it",
    arguments: [
      ("http://proxy:8080", "proxy:8080", nil), ("proxy:8080/", "proxy:8080", nil),
      ("http://proxy", "proxy:3128", nil), ("http://a:b%20c@10.0.0.1:1", "10.0.0.1:1", "a:b c"),
      ("http://a@b@proxy:1", "proxy:1", "a@b"),
    ] as [(String, String, String?)])
  func proxies(text: String, location: String, credentials: String?) throws {
    let proxy = try #require(HTTPProxy(text: text))
    #expect("\(proxy.location)" == location && proxy.credentials == credentials)
  }

  @Test(
    "a proxy of another kind, or with a broken escape, is none",
    arguments: [
      "", "https://proxy:1", "socks5://proxy:1", "http://a%0d%0a@proxy:1", "http://a%zz@proxy:1",
      "http://a%2@proxy:1", "http://proxy:99999",
    ])
  func noProxy(text: String) { #expect(HTTPProxy(text: text) == nil) }

  @Test("a tunnel is asked for with the proxy's credentials")
  func connect() throws {
    let proxy = try #require(HTTPProxy(text: "http://Aladdin:open%20sesame@proxy:1"))
    let destination = try #require(HostPort(text: "example.org:443"))
    #expect(
      String(decoding: proxy.request(to: destination), as: UTF8.self) == """
        CONNECT example.org:443 HTTP/1.1\r
        Host: example.org:443\r
        Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r
        \r

        """)
  }

  @Test(
    "no_proxy names hosts, those under them, and addresses",
    arguments: [
      ("example.org", true), ("www.example.org", true), ("notexample.org", false),
      ("EXAMPLE.org", true), ("sub.local", true), ("local", true), ("10.0.0.1", true),
      ("210.0.0.1", false), ("10.0.0.11", false), ("example.com", false),
    ])
  func exemptions(host: String, isCovered: Bool) {
    let exemptions = ProxyExemptions("example.org, .local,10.0.0.1")
    #expect(exemptions.covers(host) == isCovered)
    #expect(ProxyExemptions("*").covers(host))
    #expect(!ProxyExemptions("").covers(host))
  }
}
