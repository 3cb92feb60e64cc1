import Definitions
import Values

/// The definitions that one pass cannot do, left to the general evaluator, for those profiles only that
/// have something that they ask for.
final class OtherDefinitions {
  private let evaluator: GeneralEvaluator
  /// The definitions with those that they mention, as places among all.
  private let places: [Int]
  /// Which of them the pass does itself.
  private let isInPass: [Bool]
  private let now: Int64
  /// For each name the first time of events that matter to them; `.max` for none.
  private let reach: FixedTable<Int64>
  /// Whether they depend on custom traits.
  let asksTraits: Bool
  /// What they are for somebody who is there, and did nothing, by place; and up to when.
  private(set) var defaults: [(place: Int, value: Value)] = []
  private(set) var until = Int64.max

  var isEmpty: Bool { places.isEmpty }

  init(_ definitions: [Definition], _ scan: ScanProgram, _ names: NameTable, at now: Int64) {
    self.now = now
    let inPass = Set(scan.definitions.map(\.place))
    let rest = definitions.indices.filter { !inPass.contains($0) }
    places = definitions.places(neededFor: Set(rest.map { definitions[$0].key }))
    isInPass = places.map { inPass.contains($0) }
    let program = Program(places.map { definitions[$0] }, names)
    evaluator = GeneralEvaluator(program)
    asksTraits = !program.paths.isEmpty
    reach = FixedTable(Self.reach(program, at: now))
    guard !places.isEmpty else { return }
    let nobody = ProfileEvent(
      kind: .alias, time: Instant(milliseconds: now), row: 0, properties: .absent)
    let bytes = History([nobody], names).bytes
    _ = evaluator.evaluate(bytes.span, at: now)
    for (number, outcome) in evaluator.outcomes.enumerated() where !isInPass[number] {
      defaults.append((places[number], outcome.value))
      until = min(until, outcome.until)
    }
  }

  /// From when on the events of each name matter. Nested events do not: without a parent event nobody
  /// asks for them.
  private static func reach(_ program: Program, at now: Int64) -> [Int64] {
    var ofSlot = [Int64](repeating: .max, count: program.slotCount)
    for stream in program.streams where !stream.isNested {
      let from = stream.high == .max ? .min : now - stream.high
      ofSlot[Int(stream.slot)] = min(ofSlot[Int(stream.slot)], from)
    }
    return program.slots.map { $0 < 0 ? .max : ofSlot[Int($0)] }
  }

  /// Whether an event matters to them.
  @inline(__always)
  func asks(_ name: Int, at time: Int64) -> Bool { name < reach.count && time >= reach[name] }

  /// Evaluates them. Returns up to when they hold.
  func evaluate(_ history: Span<UInt8>, _ results: inout ScanResults) -> Int64 {
    let evaluation = evaluator.evaluate(history, at: now)
    for (number, value) in evaluation.values.enumerated() where !isInPass[number] {
      results.set(value, at: places[number])
    }
    return evaluation.next.milliseconds
  }
}

/// The general evaluator, kept apart from what a pass uses all the time.
final class GeneralEvaluator {
  private var evaluator: Evaluator

  init(_ program: Program) { evaluator = Evaluator(program) }

  func evaluate(_ history: Span<UInt8>, at now: Int64) -> Evaluation {
    let copy = history.withUnsafeBufferPointer { Array($0) }
    return evaluator.evaluate(History(bytes: copy), at: Instant(milliseconds: now))
  }

  /// What the definitions came to the last time, and up to when.
  var outcomes: [Evaluator.Outcome<Value>] { evaluator.definitionValues }
}
