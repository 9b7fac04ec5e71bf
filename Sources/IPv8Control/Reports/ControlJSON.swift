import FoundationEssentials

/// The JSON of the control API and of `--json`: sorted keys, absent values left out.
public enum ControlJSON {
  /// One line, as the API sends it.
  static func encode(_ value: some Encodable) throws(ControlError) -> Data {
    try encode(value, [.sortedKeys, .withoutEscapingSlashes])
  }

  /// Indented, as a person reads it.
  public static func text(_ value: some Encodable) throws(ControlError) -> String {
    let data = try encode(value, [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted])
    return String(decoding: data, as: UTF8.self)
  }

  /// One line.
  public static func line(_ value: some Encodable) throws(ControlError) -> String {
    String(decoding: try encode(value), as: UTF8.self)
  }

  static func decode<T: Decodable>(_: T.Type, from data: Data) throws(ControlError) -> T {
    do {
      return try JSONDecoder().decode(T.self, from: data)
    } catch DecodingError.keyNotFound(let key, _) {
      throw ControlError(.requestMalformed, "field \(key.stringValue)")
    } catch DecodingError.typeMismatch(_, let context),
      DecodingError.valueNotFound(_, let context)
    {
      throw ControlError(.requestMalformed, field(context))
    } catch DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty {
      throw ControlError(.requestMalformed, field(context))
    } catch {
      throw ControlError(.requestMalformed, "body")
    }
  }

  private static func field(_ context: DecodingError.Context) -> String {
    let path = context.codingPath.map(\.stringValue).joined(separator: ".")
    return path.isEmpty ? "body" : "field \(path)"
  }

  private static func encode(
    _ value: some Encodable, _ format: JSONEncoder.OutputFormatting
  ) throws(ControlError) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = format
    do {
      return try encoder.encode(value)
    } catch {
      // Only a number that JSON cannot hold.
      throw ControlError(.internalError, "a value has no JSON form")
    }
  }
}
