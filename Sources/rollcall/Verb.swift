import Definitions
import Foundation
import Operations
import Values

/// One verb of the command line.
struct Verb: Sendable {
  let name: String
  /// One line for the list of verbs.
  let summary: String
  /// The operands as the help shows them.
  let operands: String
  /// How many operands there may be.
  let operandCount: ClosedRange<Int>
  let flags: [Flag]
  let action: @Sendable (Invocation) throws -> ExitCode

  init(
    _ name: String, _ summary: String, operands: String = "",
    count: ClosedRange<Int> = 0...0, flags: [Flag] = [],
    action: @escaping @Sendable (Invocation) throws -> ExitCode
  ) {
    self.name = name
    self.summary = summary
    self.operands = operands
    operandCount = count
    self.flags = flags
    self.action = action
  }

  /// In the order of the work.
  static let all: [Verb] = [
    ingest, importDefinitions, check, test, preview, plan, run, send, serve, backfill, export,
    history, explain, verify,
    rebuild, status, report, metrics, approve, resync, destination, sandbox, demo,
  ]
}

/// A verb with everything that was said on the command line.
struct Invocation {
  let arguments: Arguments
  let session: Session
  let output: Output

  var isJSON: Bool { output.isJSON }
}

/// Reads the command line, does what it says, and turns failures into words and an exit code.
enum CommandLineTool {
  static let version = "0.1.0"

  static func main(_ words: [String]) -> ExitCode {
    let isJSON = words.contains("--json")
    let output = Output(isJSON: isJSON)
    do {
      return try perform(words, output)
    } catch {
      return output.fail(error)
    }
  }

  private static func perform(_ words: [String], _ output: Output) throws -> ExitCode {
    if words.contains("--version") {
      output.line("rollcall \(version)")
      return .done
    }
    guard let place = verbPlace(words) else {
      output.line(Help.overview)
      return words.isEmpty || words.contains("--help") || words.contains("-h") ? .done : .usage
    }
    let name = words[place]
    if name == "help" {
      output.line(Help.overview)
      return .done
    }
    guard let verb = Verb.all.first(where: { $0.name == name }) else {
      throw OperationError(
        .usage, "there is no verb '\(name)'",
        help: Suggestion.help(for: name, in: Verb.all.map(\.name)) ?? "see 'rollcall --help'")
    }
    let others = words[..<place] + words[(place + 1)...]
    let arguments = try Arguments(others, flags: verb.flags)
    if arguments.has("--help") {
      output.line(Help.of(verb))
      return .done
    }
    guard verb.operandCount.contains(arguments.operands.count) else {
      throw OperationError(
        .usage,
        "'rollcall \(name)' is called with \(verb.operands.isEmpty ? "no operands" : verb.operands)",
        help: "see 'rollcall \(name) --help'")
    }
    var session = Session(
      storePath: arguments["--store"] ?? "rollcall.sqlite",
      folder: arguments["--audiences"] ?? "audiences",
      environment: ProcessInfo.processInfo.environment)
    session.at = try arguments.instant("--at")
    session.wait = try arguments.duration("--wait") ?? session.wait
    let progress = ProgressLine()
    session.progress = { progress.show($0, $1, $2) }
    defer { progress.clear() }
    return try verb.action(Invocation(arguments: arguments, session: session, output: output))
  }

  /// The first word that is neither a flag nor the value of a global one.
  private static func verbPlace(_ words: [String]) -> Int? {
    var skip = false
    for (place, word) in words.enumerated() {
      if skip {
        skip = false
      } else if word.hasPrefix("-") {
        skip = Arguments.globals.contains { $0.name == word && $0.value != nil }
      } else {
        return place
      }
    }
    return nil
  }
}

/// The help texts.
enum Help {
  static var overview: String {
    let verbs = Verb.all.map { ($0.name, $0.summary) }
    return """
      rollcall calls the roll: who is in which audience, and what changed.

      usage: rollcall [--store FILE] [--audiences DIR] VERB ...

      \(columns(verbs))

      \(columns(flags(Arguments.globals)))

      'rollcall VERB --help' tells more of a verb.
      """
  }

  static func of(_ verb: Verb) -> String {
    let usage = ["usage: rollcall", verb.name, verb.operands].filter { !$0.isEmpty }
    let own = verb.flags.isEmpty ? "" : "\n\n" + columns(flags(verb.flags))
    let others = Arguments.globals.filter { global in
      !verb.flags.contains { $0.name == global.name }
    }
    return "\(verb.summary)\n\n" + usage.joined(separator: " ") + own + "\n\n"
      + columns(flags(others))
  }

  private static func flags(_ flags: [Flag]) -> [(String, String)] {
    flags.map { ([$0.name, $0.value].compactMap { $0 }.joined(separator: " "), $0.help) }
  }

  private static func columns(_ rows: [(String, String)]) -> String {
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { name, text in
      "  " + name + String(repeating: " ", count: width - name.count + 2) + text
    }.joined(separator: "\n")
  }
}
