import FoundationEssentials
import NIOHTTP1

extension ControlClient {
  public func trust(_ selector: PeerSelector) async throws(ControlError) -> TrustReport {
    try await request(.GET, "peers/\(Self.segment(selector))/trust")
  }

  public func friendPaths(
    _ selector: PeerSelector, count: Int
  ) async throws(ControlError) -> FriendPathsReport {
    let query = QueryItems([(FriendPathsReport.countName, "\(count)")]).encoded
    return try await request(.GET, "peers/\(Self.segment(selector))/friends?\(query)")
  }

  public func friends() async throws(ControlError) -> FriendListReport {
    try await request(.GET, "friends")
  }

  public func setBlocked(
    _ selector: PeerSelector, _ isBlocked: Bool
  ) async throws(ControlError) {
    _ = try await send(
      isBlocked ? .PUT : .DELETE, "blocks/\(Self.segment(selector))", Data(),
      Self.answerMilliseconds)
  }

  public func blocked() async throws(ControlError) -> BlockListReport {
    try await request(.GET, "blocks")
  }

  public func admission() async throws(ControlError) -> AdmissionReport {
    try await request(.GET, "admission")
  }

  public func setAdmission(
    _ wish: AdmissionRequest
  ) async throws(ControlError) -> AdmissionReport {
    try await request(.PUT, "admission", try ControlJSON.encode(wish))
  }

  private static func segment(_ selector: PeerSelector) -> String {
    PathSegment(selector.description).encoded
  }
}
