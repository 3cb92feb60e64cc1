import Definitions
import Operations
import Values

/// A flag of the command line.
struct Flag: Sendable {
  /// With its dashes.
  let name: String
  /// What its value is called in the help; nil when it takes none.
  let value: String?
  let help: String

  init(_ name: String, _ value: String? = nil, _ help: String) {
    self.name = name
    self.value = value
    self.help = help
  }
}

/// The words of the command line, held against the flags that there are.
struct Arguments {
  static let globals = [
    Flag("--store", "FILE", "the event store (rollcall.sqlite)"),
    Flag("--audiences", "DIR", "the folder of definitions and destinations (audiences)"),
    Flag("--at", "INSTANT", "an ISO 8601 instant in place of the clock"),
    Flag("--wait", "DURATION", "how long to wait for another process, like 30s (10s)"),
    Flag("--json", nil, "one JSON document on standard output"),
    Flag("--show-values", nil, "show property values, which are left out otherwise"),
    Flag("--help", nil, "this text"),
  ]

  private(set) var operands: [String] = []
  private var values: [String: [String]] = [:]

  /// Splits words into operands and flags. Flags may stand anywhere; behind `--` are operands only.
  init(_ words: ArraySlice<String>, flags: [Flag]) throws {
    let flags = flags + Self.globals
    var rest = words
    while let word = rest.popFirst() {
      if word == "--" {
        operands += rest
        return
      }
      guard word.hasPrefix("-"), word != "-" else {
        operands.append(word)
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = parts[0] == "-h" ? "--help" : String(parts[0])
      guard let flag = flags.first(where: { $0.name == name }) else {
        throw OperationError(
          .usage, "there is no flag '\(name)'",
          help: Suggestion.help(for: name, in: flags.map(\.name)))
      }
      if flag.value == nil {
        guard parts.count == 1 else {
          throw OperationError(.usage, "'\(name)' takes no value")
        }
        values[name] = [""]
      } else if parts.count == 2 {
        values[name, default: []].append(String(parts[1]))
      } else if let value = rest.popFirst() {
        values[name, default: []].append(value)
      } else {
        throw OperationError(.usage, "'\(name)' needs a value: \(flag.value ?? "")")
      }
    }
  }

  func has(_ flag: String) -> Bool { values[flag] != nil }

  subscript(flag: String) -> String? { values[flag]?.last }

  func all(_ flag: String) -> [String] { values[flag] ?? [] }

  /// The value of a flag as a whole number in a range.
  func integer(_ flag: String, in range: ClosedRange<Int>) throws -> Int? {
    guard let text = self[flag] else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw OperationError(
        .usage, "'\(flag)' is a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// The value of a flag as a duration.
  func duration(_ flag: String) throws -> Duration? {
    guard let text = self[flag] else { return nil }
    guard let duration = Duration(short: text) else {
      throw OperationError(.usage, "'\(flag)' is a duration such as 90s, 30m, 2h or 400d")
    }
    return duration
  }

  /// The value of a flag as a duration in seconds, of at least one second.
  func seconds(_ flag: String) throws -> Double? {
    guard let duration = try duration(flag) else { return nil }
    guard duration.milliseconds >= 1000 else {
      throw OperationError(.usage, "'\(flag)' is at least 1s")
    }
    return Double(duration.milliseconds) / 1000
  }

  /// The value of a flag as an instant.
  func instant(_ flag: String) throws -> Instant? {
    guard let text = self[flag] else { return nil }
    guard let instant = Instant(iso8601: text) else {
      throw OperationError(
        .usage, "'\(flag)' is an ISO 8601 instant such as 2026-03-01T00:00:00Z")
    }
    return instant
  }
}
