import Testing

/// Everything here runs on the real kernel, one test at a time: the tests share two cores, and
/// each makes namespaces of its own. They need root and /dev/net/tun, and fail without.
@Suite("System", .serialized)
struct SystemTests {}
