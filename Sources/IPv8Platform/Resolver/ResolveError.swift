/// Why a host has no addresses for us.
public enum ResolveError: Error, Hashable {
  /// The name does not exist or has no addresses.
  case notFound
  /// No answer from the name servers; worth another try.
  case temporary
  /// The resolver's own code (EAI_* of netdb.h).
  case failed(code: Int32)
}
