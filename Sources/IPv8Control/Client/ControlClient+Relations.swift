import NIOHTTP1

extension ControlClient {
  public func signRelations(
    _ wishes: [RelationWish]
  ) async throws(ControlError) -> [SignedRelationReport] {
    let body = try ControlJSON.encode(RelationWishes(relations: wishes))
    let list: SignedRelationList = try await request(.POST, "relations", body)
    return list.relations
  }
}
