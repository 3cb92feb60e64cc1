import Definitions
import EventStore
import Oracle
import Values

@testable import Evaluation

/// The engine over the data of an oracle's case: definitions through the parser, calls through their
/// JSON, histories packed.
struct Engine {
  let program: Program
  private var histories: [String: History] = [:]
  private let definitions: [Definition]
  private let names = NameTable()

  /// What keeps a case from being evaluated.
  struct Refused: Error, CustomStringConvertible { let description: String }

  init(_ world: OracleCase, spelling: UInt64? = nil) throws {
    let files = world.files(seed: spelling).map { name, content in
      Project.File(name: name, path: name, contents: Array(content.utf8))
    }
    let project = Project(files: files, folder: "case")
    guard project.isValid else {
      throw Refused(description: project.diagnostics.map(\.rendered).joined(separator: "\n"))
    }
    definitions = project.definitions
    program = Program(project.definitions, names)
    var events: [String: [ProfileEvent]] = [:]
    var messages: Set<String> = []
    for (row, call) in world.calls.enumerated() where messages.insert(call.messageId).inserted {
      let body = try Value(json: call.line)
      guard case .string(let user) = body["userId"] else { continue }
      events[user, default: []].append(try Self.event(body, row: Int64(row)))
    }
    histories = events.mapValues { History($0, names) }
  }

  private static func event(_ body: Value, row: Int64) throws -> ProfileEvent {
    guard case .string(let type) = body["type"],
      let kind = Call.Kind.allCases.first(where: { $0.name == type }),
      let time = body["timestamp"].date
    else { throw Refused(description: "not a call: \(body.json)") }
    let event =
      switch kind {
      case .page: EventStoreSchema.pageViewed
      case .screen: EventStoreSchema.screenViewed
      default: body["event"].textForm ?? ""
      }
    return ProfileEvent(kind, event: event, time: time, row: row, body: body, isAnonymous: false)
  }

  func values(of user: String, at now: Int64) -> Evaluation {
    evaluate(program, histories[user] ?? History(), at: Instant(milliseconds: now))
  }

  /// The same by the scan, which reads histories in place.
  func scanned(_ user: String, at now: Int64) -> Evaluation {
    var scan = ScanEvaluator(definitions, names, at: Instant(milliseconds: now))
    // Scratch space that another profile has used must not show.
    for history in histories.values {
      let bytes = history.bytes
      scan.evaluate(bytes.span)
    }
    let bytes = (histories[user] ?? History()).bytes
    scan.evaluate(bytes.span)
    return Evaluation(exists: true, values: scan.values, next: scan.next)
  }

  /// The same of all users by digests that were made earlier; nil for a user whose history has to be read.
  func digested(at now: Int64, made: Int64) -> [String: Evaluation?] {
    let users = histories.keys.sorted()
    return Dictionary(uniqueKeysWithValues: zip(users, digested(users, at: now, made: made)))
  }

  /// The same of any number of profiles, each of which has a user's history.
  func digested(_ users: [String], at now: Int64, made: Int64) -> [Evaluation?] {
    var maker = ScanEvaluator(definitions, names, at: Instant(milliseconds: made))
    var writer = DigestWriter()
    for (number, user) in users.enumerated() {
      let bytes = histories[user]?.bytes ?? []
      maker.evaluate(bytes.span, digesting: Int64(number * 3 + 1), into: &writer)
    }
    guard let block = writer.close() else { return [] }
    var scan = ScanEvaluator(definitions, names, at: Instant(milliseconds: now))
    var cursor = scan.open(block.bytes.span)
    var evaluations: [Evaluation?] = []
    while true {
      let count = scan.evaluateChunk(&cursor, block.bytes.span)
      if count == 0 { return evaluations }
      for place in 0..<count {
        let user = users[Int(scan.identity(at: place) - 1) / 3]
        evaluations.append(
          scan.select(place)
            ? Evaluation(exists: true, values: scan.values, next: scan.next) : nil)
        // What others come to by their histories in between must not show.
        let bytes = histories[user]?.bytes ?? []
        scan.evaluate(bytes.span)
      }
    }
  }

  /// The spells of a user, by definition; stepped all of them, or swept as far as that is possible.
  func spells(of user: String, in range: Range<Int64>, sweeps: Bool) -> [[Spell]] {
    var evaluator = SpellEvaluator(
      definitions, names, from: Instant(milliseconds: range.lowerBound),
      to: Instant(milliseconds: range.upperBound), sweeps: sweeps)
    // Scratch space that another profile has used must not show.
    for history in histories.values {
      let bytes = history.bytes
      evaluator.evaluate(user: bytes.span)
    }
    let bytes = (histories[user] ?? History()).bytes
    evaluator.evaluate(user: bytes.span)
    return evaluator.spells.lists
  }

  /// Those who have a history, in order.
  var users: [String] { histories.keys.sorted() }

  /// How many definitions the scan does in one pass.
  var definitionsInPass: Int { ScanEvaluator(definitions, names, at: .never).definitionsInPass }

  /// JSON of a definition's value, `null` for absent.
  func json(_ evaluation: Evaluation, _ key: String) -> String {
    guard let place = program.keys.firstIndex(of: key) else { return "no definition" }
    return evaluation.values[place].json
  }
}
