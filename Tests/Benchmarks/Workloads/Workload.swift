/// A part of the packet path, set up so that it can be run again and again.
public protocol Workload: AnyObject {
  /// Packets that one ``run()`` handles.
  var packetCount: Int { get }
  /// Puts what ``run()`` consumes where it expects it. Not measured.
  func prepare()
  func run()
  /// Whether the last run did all its work: what gives up early must not look fast.
  var isComplete: Bool { get }
}

/// A workload under a name, with what is taken off it where only a part is of interest.
public struct Benchmark: Sendable {
  public let name: String
  /// What a time and an allocation are counted by: "packet", "record".
  public let unit: String
  /// The name of what remains of it without its baseline; nil where there is none.
  public let remainder: String?
  /// Sets both up; each call makes new ones.
  ///
  /// - Parameter seed: of keys, payloads and orders.
  public let make: @Sendable (_ seed: UInt64) -> Pairing

  /// - Parameter baseline: handles the same packets in as many runs.
  public struct Pairing {
    public let subject: any Workload
    public let baseline: (any Workload)?

    init(_ subject: any Workload, less baseline: (any Workload)? = nil) {
      self.subject = subject
      self.baseline = baseline
    }
  }

  init(
    _ name: String, per unit: String = "packet", remainder: String? = nil,
    make: @escaping @Sendable (UInt64) -> Pairing
  ) {
    self.name = name
    self.unit = unit
    self.remainder = remainder
    self.make = make
  }
}
