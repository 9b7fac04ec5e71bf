import Foundation
import GRDB

/// What became of a damaged file of records.
public struct RecordRepair: Equatable, Sendable {
  /// Where the damaged file lies now.
  public let setAside: String
  /// Records that could still be read and are in the new file.
  public let saved: Int
}

extension RecordStore {
  static func rebuild(
    _ path: String, because error: StoreError
  ) throws(StoreError) -> (DatabasePool, RecordRepair) {
    throw error
  }
}
