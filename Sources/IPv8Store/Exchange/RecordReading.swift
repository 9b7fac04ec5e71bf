import Foundation
import IPv8Records
import IPv8Wire

/// Why a line is no record that counts here.
public enum LineRefusal: String, Error, Sendable, Equatable, CaseIterable {
  /// No JSON with the kind and the bytes of a record.
  case malformed
  /// Over ``RecordReading/lineLimit``.
  case tooLong
  /// Not signed by whom it names.
  case forged
  /// More than 120 s ahead of this host's clock.
  case fromFuture
  case expired
  /// An endpoint that no peer can have.
  case unusableEndpoint
}

/// Reads lines of records, and verifies their signatures on all processors.
public struct RecordReading: Sendable {
  /// Bytes of a line.
  public static let lineLimit = 4_096

  private let now: WallTime
  private let verifier: RecordVerifier

  public init(at now: WallTime, verifier: RecordVerifier = RecordVerifier()) {
    self.now = now
    self.verifier = verifier
  }

  /// What each of `lines` says, in their order.
  public func read(_ lines: [String]) -> [Result<RecordChange, LineRefusal>] {
    verifier.map(lines) { line in
      do throws(LineRefusal) { return .success(try change(line)) } catch {
        return .failure(error)
      }
    }
  }

  /// The signed bytes in a line, unchecked: for who checks them itself.
  public static func bytes(_ text: String) throws(LineRefusal) -> [UInt8] {
    try parse(text).bytes
  }

  private static func parse(
    _ text: String
  ) throws(LineRefusal) -> (kind: RecordLine.Kind, bytes: [UInt8]) {
    guard text.utf8.count <= Self.lineLimit else { throw .tooLong }
    guard let line = try? JSONDecoder().decode(RecordLine.self, from: Data(text.utf8)),
      let data = Data(base64Encoded: line.record)
    else { throw .malformed }
    return (line.kind, [UInt8](data))
  }

  private func change(_ text: String) throws(LineRefusal) -> RecordChange {
    let (kind, bytes) = try Self.parse(text)
    switch kind {
    case .binding:
      do throws(SignedBinding.Refusal) {
        return .binding(try SignedBinding(verifying: bytes, at: now))
      } catch { throw LineRefusal(error) }
    case .relation:
      do throws(SignedRelation.Refusal) {
        return .relation(try SignedRelation(verifying: bytes, at: now))
      } catch { throw LineRefusal(error) }
    case .contradiction:
      if let proof = Contradiction(verifying: bytes) { return .contradiction(proof) }
      throw Contradiction(stored: bytes) == nil ? .malformed : .forged
    }
  }
}

extension LineRefusal {
  init(_ refusal: SignedBinding.Refusal) {
    switch refusal {
    case .malformed: self = .malformed
    case .forged: self = .forged
    case .fromFuture: self = .fromFuture
    case .expired: self = .expired
    case .unusableEndpoint: self = .unusableEndpoint
    }
  }

  init(_ refusal: SignedRelation.Refusal) {
    switch refusal {
    case .malformed: self = .malformed
    case .forged: self = .forged
    case .fromFuture: self = .fromFuture
    }
  }
}
