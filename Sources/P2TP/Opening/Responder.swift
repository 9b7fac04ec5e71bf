import IPv8Wire

/// What a host answers without keeping state.
public enum Responder {
  /// The bare ANSWER to an opening datagram: 8 bytes, or 27 with the token of load level 2.
  public static func bareAnswer(
    _ header: P2TPHeader, to endpoint: Endpoint, cookies: CookieIssuer, withToken: Bool,
    at now: Timestamp
  ) -> [UInt8] {
    let cookie = cookies.issue(to: endpoint, at: now)
    let token = withToken ? cookies.token(for: endpoint, cookie: cookie, at: now) : nil
    return OpeningDatagram.bareAnswer(forward: cookie, returned: header.first, token: token)
  }
}
