import IPv8Control

/// A configuration that was refused; nothing of it is in use.
public enum ConfigurationError: Error, Equatable {
  case unreadable(file: String, reason: String)
  case tooLarge(file: String, limit: Int)
  case malformed(file: String, line: Int, column: Int, reason: String)
  case unknownKey(file: String, key: String)
  /// A value of another type or outside what its key takes. `file` is nil for the command line.
  case invalid(file: String?, key: String, value: String, allowed: String)
}

extension ConfigurationError: ExplainedError {
  public var explanation: String {
    switch self {
    case .unreadable(let file, let reason): "\(file): cannot be read: \(reason)"
    case .tooLarge(let file, let limit): "\(file): longer than \(limit) bytes"
    case .malformed(let file, let line, let column, let reason):
      "\(file):\(line):\(column): not TOML: \(reason)"
    case .unknownKey(let file, let key):
      "\(file): \(key): unknown key; known are \(Self.knownKeys)"
    case .invalid(let file?, let key, let value, let allowed):
      "\(file): \(key) = \(value): must be \(allowed)"
    case .invalid(nil, let key, let value, let allowed): "--\(key) \(value): must be \(allowed)"
    }
  }

  public var exitCode: ExitCode {
    if case .invalid(nil, _, _, _) = self { .usage } else { .configuration }
  }

  private static var knownKeys: String {
    ConfigurationKey.allCases.map(\.rawValue).joined(separator: ", ")
  }
}
