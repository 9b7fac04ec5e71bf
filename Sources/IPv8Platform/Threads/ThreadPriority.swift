import CIPv8Linux

/// How much of the processor a thread gets beside others of its process.
public enum ThreadPriority {
  /// Gives the calling thread less, as `nice -n` does; nothing where the kernel refuses.
  public static func lower(by niceness: Int32) { _ = cipv8_lower_priority(niceness) }
}
