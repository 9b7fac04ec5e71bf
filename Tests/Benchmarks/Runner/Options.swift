/// What the command line asks for.
struct Options {
  static let usage = """
    usage: microbench [--json] [--check] [--repetitions N] [--milliseconds N] [--seed N] [WORD…]
      --json             the figures as JSON instead of a table
      --check            leave with an error where a packet costs an allocation
      --repetitions N    of each measurement; 21 unless told
      --milliseconds N   that a repetition takes; 10 unless told
      --seed N           of keys, payloads and orders; any unless told
      WORD               only benchmarks whose name has all of these words
    """

  var isJSON = false
  var isCheck = false
  var repetitions = 21
  var milliseconds = 10
  var seed = UInt64.random(in: 1...UInt64(UInt32.max))
  var words: [String] = []

  /// What is wrong with the command line.
  struct Wrong: Error { let reason: String }

  init(_ arguments: [String]) throws(Wrong) {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      switch argument {
      case "--json": isJSON = true
      case "--check": isCheck = true
      case "--repetitions": repetitions = try Self.number(argument, &rest)
      case "--milliseconds": milliseconds = try Self.number(argument, &rest)
      case "--seed": seed = UInt64(try Self.number(argument, &rest))
      default:
        guard !argument.hasPrefix("-") else { throw Wrong(reason: "unknown option \(argument)") }
        words.append(argument)
      }
    }
  }

  private static func number(
    _ option: String, _ rest: inout ArraySlice<String>
  ) throws(Wrong) -> Int {
    guard let text = rest.popFirst(), let number = Int(text), number > 0, number < 1 << 32 else {
      throw Wrong(reason: "\(option) needs a number above 0")
    }
    return number
  }
}
