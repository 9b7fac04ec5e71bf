/// A moment on the machine's boot-time clock (it goes on during sleep), in nanoseconds.
public struct Timestamp: Hashable, Sendable, Comparable {
  public let nanoseconds: UInt64

  @inlinable
  public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  /// Later than every moment that occurs; stands for "no deadline" in minima.
  public static let distantFuture = Timestamp(nanoseconds: .max)

  @inlinable public var microseconds: UInt64 { nanoseconds / 1_000 }
  @inlinable public var milliseconds: UInt64 { nanoseconds / 1_000_000 }
  @inlinable public var seconds: UInt64 { nanoseconds / 1_000_000_000 }

  @inlinable
  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.nanoseconds < b.nanoseconds }

  /// Saturates at both ends.
  @inlinable
  public static func + (moment: Timestamp, interval: Interval) -> Timestamp {
    if interval.nanoseconds >= 0 {
      let (sum, overflow) = moment.nanoseconds.addingReportingOverflow(
        UInt64(interval.nanoseconds))
      return Timestamp(nanoseconds: overflow ? .max : sum)
    }
    let (difference, overflow) = moment.nanoseconds.subtractingReportingOverflow(
      interval.nanoseconds.magnitude)
    return Timestamp(nanoseconds: overflow ? 0 : difference)
  }

  /// The interval from `earlier` to `later`, saturating; negative when they are the other way.
  @inlinable
  public static func - (later: Timestamp, earlier: Timestamp) -> Interval {
    let ahead = later.nanoseconds >= earlier.nanoseconds
    let magnitude =
      ahead ? later.nanoseconds - earlier.nanoseconds : earlier.nanoseconds - later.nanoseconds
    let clamped = Int64(clamping: magnitude)
    return Interval(nanoseconds: ahead ? clamped : -clamped)
  }
}

/// A signed length of time in nanoseconds (8 bytes; `Duration` has 16).
public struct Interval: Hashable, Sendable, Comparable {
  public let nanoseconds: Int64

  @inlinable
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public static let zero = Interval(nanoseconds: 0)

  @inlinable
  public static func seconds(_ n: Int64) -> Interval { Interval(nanoseconds: n * 1_000_000_000) }
  @inlinable
  public static func milliseconds(_ n: Int64) -> Interval { Interval(nanoseconds: n * 1_000_000) }
  @inlinable
  public static func microseconds(_ n: Int64) -> Interval { Interval(nanoseconds: n * 1_000) }

  @inlinable public var microseconds: Int64 { nanoseconds / 1_000 }
  @inlinable public var milliseconds: Int64 { nanoseconds / 1_000_000 }

  @inlinable
  public static func < (a: Interval, b: Interval) -> Bool { a.nanoseconds < b.nanoseconds }
  @inlinable
  public static func + (a: Interval, b: Interval) -> Interval {
    Interval(nanoseconds: a.nanoseconds.addingReportingOverflow(b.nanoseconds).partialValue)
  }
  @inlinable
  public static func * (a: Interval, n: Int64) -> Interval {
    Interval(nanoseconds: a.nanoseconds.multipliedReportingOverflow(by: n).partialValue)
  }
  @inlinable
  public static func / (a: Interval, n: Int64) -> Interval {
    Interval(nanoseconds: a.nanoseconds / n)
  }
}

/// Wall-clock time: milliseconds since 1970-01-01 UTC, as records and handshakes carry it.
public struct WallTime: Hashable, Sendable, Comparable {
  public let milliseconds: UInt64

  public init(milliseconds: UInt64) { self.milliseconds = milliseconds }

  public static func < (a: WallTime, b: WallTime) -> Bool { a.milliseconds < b.milliseconds }
}
