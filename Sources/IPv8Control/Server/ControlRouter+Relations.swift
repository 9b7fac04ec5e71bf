extension ControlRouter {
  func relations(_ request: ControlRequest) async throws(ControlError) -> ControlResponse {
    let wishes = try ControlJSON.decode(RelationWishes.self, from: request.body).relations
    guard (1...RelationWish.limit).contains(wishes.count) else {
      throw ControlError(.requestMalformed, "field relations")
    }
    let signed = try await backend.signRelations(wishes)
    return try ControlResponse(SignedRelationList(relations: signed))
  }
}
