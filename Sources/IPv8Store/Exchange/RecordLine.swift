import Foundation
import IPv8Crypto
import IPv8Records
import IPv8Wire

/// A record as a line of JSON: what it says for who reads it, and the signed bytes, which alone count
/// when it is read again.
struct RecordLine: Codable {
  enum Kind: String, Codable {
    case binding
    case relation
    case contradiction
  }

  var kind: Kind
  /// Body ‖ signatures in base64; of a contradiction both records.
  var record: String
  /// Whose word it is.
  var signer: String?
  var timestampMilliseconds: UInt64?

  // Of bindings.
  var address6: String?
  var endpoints: [String]?
  var lifetimeSeconds: UInt32?
  var rendezvous: [String]?
  var name: String?
  var withdrawn: Bool?

  // Of relations.
  var subject: String?
  var type: UInt16?
  var typeName: String?
  var strength: Int64?
  var countersigned: Bool?

  init(_ binding: SignedBinding) {
    let fields = binding.record
    kind = .binding
    record = Base64.encode(binding.bytes)
    signer = "\(fields.permID)"
    timestampMilliseconds = fields.timestamp.milliseconds
    address6 = "\(OverlayAddress(of: fields.permID))"
    endpoints = binding.endpoints.map(\.description)
    lifetimeSeconds = fields.lifetime
    rendezvous = fields.rendezvous.isEmpty ? nil : fields.rendezvous.map { "\($0)" }
    name = fields.name
    withdrawn = fields.flags.contains(.withdrawn) ? true : nil
  }

  init(_ relation: SignedRelation, types: RelationTypes) {
    self.init(relation.record, types: types, kind: .relation, bytes: relation.bytes)
    strength = relation.record.strength
    countersigned = relation.record.flags.contains(.countersigned) ? true : nil
  }

  init(_ proof: Contradiction, types: RelationTypes) {
    self.init(proof.first.record, types: types, kind: .contradiction, bytes: proof.bytes)
  }

  private init(_ fields: RelationRecord, types: RelationTypes, kind: Kind, bytes: [UInt8]) {
    self.kind = kind
    record = Base64.encode(bytes)
    signer = "\(fields.signer)"
    timestampMilliseconds = fields.timestamp.milliseconds
    subject = "\(fields.subject)"
    type = fields.type.rawValue
    typeName = types[fields.type]
  }

  /// One line, its keys sorted.
  var text: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }
}
