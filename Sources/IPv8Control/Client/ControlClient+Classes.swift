import FoundationEssentials
import NIOHTTP1

extension ControlClient {
  public func classes() async throws(ControlError) -> [ClassReport] {
    let list: ClassListReport = try await request(.GET, "classes")
    return list.classes
  }

  public func setClass(
    of subject: PathQuery, _ wish: ClassWish
  ) async throws(ControlError) -> ClassReport {
    try await request(.PUT, Self.route(to: "class", of: subject), try ControlJSON.encode(wish))
  }

  public func removeClass(of subject: PathQuery) async throws(ControlError) {
    let route = Self.route(to: "class", of: subject)
    _ = try await send(.DELETE, route, Data(), Self.answerMilliseconds)
  }
}
