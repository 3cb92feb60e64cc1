import Definitions
import Foundation
import HeapSandbox
import Operations
import Values

extension HeapSandbox.Configuration {
  /// What the flags of the sandbox say.
  ///
  /// - Parameter instant: where the clock stands still, until it is put forward over HTTP; nil is the
  ///   system's clock.
  init(_ arguments: Arguments, at instant: Instant?) throws {
    self.init(
      port: UInt16(try arguments.integer("--port", in: 0...65_535) ?? 8080),
      maxBodyBytes: try arguments.integer("--max-body", in: 1...(1 << 30)) ?? 1 << 20,
      journal: arguments["--journal"])
    if let instant { clock = { instant } }
    try setApps(arguments.all("--app"))
    region = try arguments.choice("--region") ?? region
    profile = try arguments.choice("--profile") ?? profile
    partial = try arguments.choice("--partial") ?? partial
    limitMode = try arguments.choice("--limit-mode") ?? limitMode
    retryAfter = try arguments.choice("--retry-after") ?? retryAfter
    accountIDProperty = arguments["--account-id-property"]
    for limit in arguments.all("--limit") { try setLimit(limit) }
    limits.shareSingles = arguments.has("--shared-counter")
    let seed = try arguments.integer("--seed", in: 0...Int.max) ?? 0
    if arguments.has("--empty-204") { emptyReplies = UInt64(seed) }
    if let path = arguments["--faults"] { faults = try Self.faults(path) }
  }

  /// `ID`, or `ID=REGION` for one that lives in that region alone.
  private mutating func setApps(_ texts: [String]) throws {
    guard !texts.isEmpty else { return }
    var known: Set<String> = []
    for text in texts {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let id = String(parts[0])
      guard !id.isEmpty, id.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else {
        throw OperationError(.usage, "'--app' is Heap's app id, digits alone, as in 11 or 11=eu")
      }
      known.insert(id)
      if parts.count > 1 { regions[id] = try Arguments.choice("--app", String(parts[1])) }
    }
    knownApps = known
  }

  /// `NAME=COUNT/DURATION`, or `NAME=off`.
  private mutating func setLimit(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name: HeapSandbox.RateLimits.Name = try Arguments.choice("--limit", String(parts[0]))
    let value = parts.count > 1 ? parts[1] : ""
    if value == "off" {
      limits[name] = nil
      return
    }
    let numbers = value.split(separator: "/", omittingEmptySubsequences: false)
    guard numbers.count == 2, let count = Int(numbers[0]), count >= 0,
      let window = Duration(short: numbers[1]), window > .zero
    else {
      throw OperationError(
        .usage, "'--limit \(name.rawValue)' is a number in a time, as in 30/30s, or off")
    }
    limits[name] = HeapSandbox.RateLimit(count, per: window)
  }

  private static func faults(_ path: String) throws -> [Fault] {
    let bytes: [UInt8]
    do {
      bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw OperationError(
        .usage, "cannot read the script of faults \(path)",
        help: "'--faults' is a file with a JSON array of rules")
    }
    do {
      return try Fault.script(try Value(json: bytes.span))
    } catch let error as JSONError {
      throw OperationError(.usage, "\(path): \(error.message)")
    } catch {
      throw OperationError(.usage, "\(path): \(error)")
    }
  }
}

extension Arguments {
  /// The value of a flag as one of a few words.
  fileprivate func choice<Choice: RawRepresentable & CaseIterable>(
    _ flag: String
  ) throws -> Choice? where Choice.RawValue == String {
    guard let word = self[flag] else { return nil }
    return try Self.choice(flag, word)
  }

  fileprivate static func choice<Choice: RawRepresentable & CaseIterable>(
    _ flag: String, _ word: String
  ) throws -> Choice where Choice.RawValue == String {
    if let choice = Choice(rawValue: word) { return choice }
    let words = Choice.allCases.map(\.rawValue)
    throw OperationError(
      .usage, "'\(flag)' knows \(words.joined(separator: ", ")), and not '\(word)'",
      help: Suggestion.help(for: word, in: words))
  }
}
