import Foundation

/// A file of Tests/Vectors/data.
public enum VectorFile {
  public static func text(_ name: String) throws -> String {
    try String(decoding: data(name), as: UTF8.self)
  }

  public static func json<T: Decodable>(_ name: String, as _: T.Type = T.self) throws -> T {
    try JSONDecoder().decode(T.self, from: data(name))
  }

  private static func data(_ name: String) throws -> Data {
    try Data(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "data/\(name)"))
  }
}

/// Bytes as JSON vectors write them: hexadecimal text.
public struct Hex: Decodable, Sendable {
  public let bytes: [UInt8]

  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let bytes = [UInt8](hex: text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "not hexadecimal: \(text)"))
    }
    self.bytes = bytes
  }
}

extension [UInt8] {
  /// Nil unless `hex` is pairs of hexadecimal digits; spaces between them are skipped.
  public init?(hex: some StringProtocol) {
    let digits = hex.compactMap { $0 == " " ? nil : $0.hexDigitValue }
    guard digits.count == hex.filter({ $0 != " " }).count, digits.count % 2 == 0 else {
      return nil
    }
    self = stride(from: 0, to: digits.count, by: 2).map {
      UInt8(digits[$0] << 4 | digits[$0 + 1])
    }
  }

  public var hex: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}
