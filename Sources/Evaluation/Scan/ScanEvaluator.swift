import Definitions
import Values

/// The values of all definitions about users, for one profile after another at one instant.
///
/// It is `evaluate` for a scan: the history is read in place and in one pass, an event is looked at
/// only when some definition asks for its name, its properties are read once for all, and a definition
/// of whose events the profile has none costs nothing. What the one pass cannot do is left to the
/// general evaluator. The values are those of `evaluate`; the next change may be earlier, never later.
public struct ScanEvaluator {
  typealias Index = Program.Index
  typealias Outcome = Evaluator.Outcome

  /// An event that passes a leaf, kept or still to come.
  struct Hit {
    let time: Int64
    /// Where the reducer's field stands in the history; -1 for nowhere.
    let cell: Int
    /// The leaf's next hit; -1 for none.
    var next: Int
  }

  /// The hits of a leaf.
  struct Hits {
    var first = -1
    var last = -1
    var kept = 0
    var coming = 0
  }

  let scan: ScanProgram
  let now: Int64
  private let names: NameTable
  /// All definitions, for profiles with an anonymous id alone.
  private var general: Evaluator
  /// The definitions that the pass cannot do, with their places.
  private var others: Evaluator
  private let otherPlaces: [Int]
  private let othersAskTraits: Bool
  /// For each name the first time of events that matter to those definitions; `.max` for none.
  private let otherReach: [Int64]
  /// What definitions are for somebody of whose events none is asked for.
  private var defaults: [Outcome<Value>] = []
  /// Whether one of the defaults does not hold for ever.
  private var isSomeDefaultLimited = false
  /// Where `values` may be another thing than the defaults.
  private var changed: [Int] = []
  /// Which definitions the pass cannot do.
  private let isOther: [Bool]

  /// The values of the last profile, one a definition, in the program's order.
  public private(set) var values: [Value] = []
  /// The next change of the last profile.
  public private(set) var next = Instant.never

  /// How many definitions one pass over the events is enough for.
  public var definitionsInPass: Int { scan.definitions.count }

  // Of one profile.
  var hits: [Hit] = []
  var ofLeaf: [Hits]
  private var hitLeaves: [Int] = []
  private var cells: [Int]
  var traitCalls: [(time: Int64, payload: Int)] = []
  private var isConcerned: [Bool]
  private var concerned: [Int] = []

  public init(_ definitions: [Definition], _ names: NameTable, at now: Instant) {
    self.now = now.milliseconds
    self.names = names
    let program = Program(definitions, names)
    let scan = ScanProgram(program)
    self.scan = scan
    general = Evaluator(program)
    isOther = definitions.indices.map { !scan.contains($0) }
    let rest = definitions.indices.filter { !scan.contains($0) }.map { definitions[$0].key }
    let needed = definitions.places(neededFor: Set(rest))
    otherPlaces = needed
    let otherProgram = Program(needed.map { definitions[$0] }, names)
    others = Evaluator(otherProgram)
    othersAskTraits = !otherProgram.paths.isEmpty
    otherReach = Self.reach(otherProgram, at: now.milliseconds)
    ofLeaf = [Hits](repeating: Hits(), count: scan.leaves.count)
    cells = [Int](repeating: -1, count: scan.slots.map(\.keys.count).max() ?? 0)
    isConcerned = [Bool](repeating: false, count: scan.definitions.count)
    defaults = makeDefaults(definitions.count)
    isSomeDefaultLimited = defaults.contains { $0.until != .max }
  }

  /// From when on the events of each name matter to a program. Nested events do not: without a parent
  /// event nobody asks for them.
  private static func reach(_ program: Program, at now: Int64) -> [Int64] {
    var ofSlot = [Int64](repeating: .max, count: program.slotCount)
    for stream in program.streams where !stream.isNested {
      let from = stream.high == .max ? .min : now - stream.high
      ofSlot[Int(stream.slot)] = min(ofSlot[Int(stream.slot)], from)
    }
    return program.slots.map { $0 < 0 ? .max : ofSlot[Int($0)] }
  }

  private mutating func makeDefaults(_ count: Int) -> [Outcome<Value>] {
    var defaults = [Outcome<Value>](repeating: Outcome(.absent), count: count)
    // Somebody who is there, and did nothing.
    let nobody = ProfileEvent(
      kind: .alias, time: Instant(milliseconds: now), row: 0, properties: .absent)
    _ = others.evaluate(History([nobody], names), at: Instant(milliseconds: now))
    for (place, outcome) in zip(otherPlaces, others.definitionValues) { defaults[place] = outcome }
    let empty: [UInt8] = []
    for definition in scan.definitions {
      defaults[definition.place] = outcome(of: definition, empty.span)
    }
    return defaults
  }

  // MARK: One profile

  /// Evaluates a profile. Its values and its next change are in `values` and `next` then.
  public mutating func evaluate(_ history: Span<UInt8>) {
    clear()
    let (firstOfUser, othersConcerned) = pass(history)
    guard firstOfUser <= now else { return evaluateGeneral(history) }
    if values.isEmpty { values = defaults.map(\.value) }
    for place in changed { values[place] = defaults[place].value }
    changed.removeAll(keepingCapacity: true)
    for leaf in hitLeaves {
      for definition in scan.definitionsOfLeaf[leaf] { concern(definition) }
    }
    if !traitCalls.isEmpty {
      for place in scan.definitions.indices where scan.definitions[place].asksTraits {
        concern(place)
      }
    }
    var until = untilOfUnconcerned()
    for place in concerned {
      let outcome = outcome(of: scan.definitions[place], history)
      set(outcome.value, at: scan.definitions[place].place)
      until = min(until, outcome.until)
    }
    until = min(until, evaluateOthers(history, othersConcerned))
    next = Instant(milliseconds: until)
  }

  private mutating func set(_ value: Value, at place: Int) {
    values[place] = value
    changed.append(place)
  }

  private func untilOfUnconcerned() -> Int64 {
    guard isSomeDefaultLimited else { return .max }
    var until = Int64.max
    for place in scan.definitions.indices where !isConcerned[place] {
      until = min(until, defaults[scan.definitions[place].place].until)
    }
    return until
  }

  private mutating func concern(_ definition: Int) {
    if isConcerned[definition] { return }
    isConcerned[definition] = true
    concerned.append(definition)
  }

  private mutating func clear() {
    for leaf in hitLeaves { ofLeaf[leaf] = Hits() }
    for definition in concerned { isConcerned[definition] = false }
    hitLeaves.removeAll(keepingCapacity: true)
    concerned.removeAll(keepingCapacity: true)
    hits.removeAll(keepingCapacity: true)
    traitCalls.removeAll(keepingCapacity: true)
  }

  /// A profile that is not there yet as a user.
  private mutating func evaluateGeneral(_ history: Span<UInt8>) {
    let copy = history.withUnsafeBufferPointer { Array($0) }
    let evaluation = general.evaluate(History(bytes: copy), at: Instant(milliseconds: now))
    values = evaluation.values
    next = evaluation.next
    changed = Array(values.indices)
  }

  /// The definitions that the pass cannot do. Returns up to when they hold.
  private mutating func evaluateOthers(_ history: Span<UInt8>, _ isConcerned: Bool) -> Int64 {
    guard !otherPlaces.isEmpty else { return .max }
    guard isConcerned || (othersAskTraits && !traitCalls.isEmpty) else {
      return otherPlaces.reduce(Int64.max) { min($0, defaults[$1].until) }
    }
    let copy = history.withUnsafeBufferPointer { Array($0) }
    let evaluation = others.evaluate(History(bytes: copy), at: Instant(milliseconds: now))
    for (place, value) in zip(otherPlaces, evaluation.values) where isOther[place] {
      set(value, at: place)
    }
    return evaluation.next.milliseconds
  }

  /// Reads the records. Returns the time of the first call with a user id, and whether the definitions
  /// that the pass cannot do ask for one of the events.
  private mutating func pass(_ bytes: Span<UInt8>) -> (ofUser: Int64, othersConcerned: Bool) {
    var reader = ScanReader(at: 0)
    var time: Int64 = 0
    var ofUser = Int64.max
    var othersConcerned = false
    let slots = scan.program.slots
    while reader.at < bytes.count {
      let end = Int(reader.varint(bytes)) + reader.at
      let head = bytes[reader.at]
      reader.at += 1
      let name = Int(reader.varint(bytes))
      time += reader.zigzag(bytes)
      if head & History.anonymousBit == 0 { ofUser = min(ofUser, time) }
      switch History.RecordKind(rawValue: head & ~History.anonymousBit) {
      case .event:
        // How long events of a name matter to them; an event behind that changes nothing.
        if name < otherReach.count, time >= otherReach[name] { othersConcerned = true }
        if name < slots.count, slots[name] >= 0 {
          _ = reader.zigzag(bytes)
          look(Int(slots[name]), time, &reader, bytes)
        }
      case .identify:
        _ = reader.zigzag(bytes)
        traitCalls.append((time, reader.at))
      default: break
      }
      reader.at = end
    }
    return (ofUser, othersConcerned)
  }

  /// Holds one event against the leaves of its name.
  private mutating func look(
    _ slot: Int, _ time: Int64, _ reader: inout ScanReader, _ bytes: Span<UInt8>
  ) {
    var isRead = false
    for place in scan.slots[slot].leaves {
      let number = scan.leavesOfSlots[place]
      let isComing = time > now - scan.leaves[number].low
      let high = scan.leaves[number].high
      if !isComing, high != .max, time + high < now { continue }
      if !isRead {
        readCells(slot, &reader, bytes)
        isRead = true
      }
      let condition = scan.leaves[number].condition
      if condition >= 0, !holds(condition, bytes) { continue }
      let column = scan.leaves[number].column
      let hit = Hit(time: time, cell: column < 0 ? -1 : cells[column], next: -1)
      hits.append(hit)
      let last = ofLeaf[number].last
      if last < 0 {
        ofLeaf[number].first = hits.count - 1
        hitLeaves.append(number)
      } else {
        hits[last].next = hits.count - 1
      }
      ofLeaf[number].last = hits.count - 1
      if isComing { ofLeaf[number].coming += 1 } else { ofLeaf[number].kept += 1 }
    }
  }

  /// Finds the properties that are asked of events of a name.
  private mutating func readCells(
    _ slot: Int, _ reader: inout ScanReader, _ bytes: Span<UInt8>
  ) {
    let keys = scan.slots[slot].keys
    let count = keys.count
    guard count > 0 else { return }
    // Each event has its own: nothing of the one before may stay.
    for column in 0..<count { cells[column] = -1 }
    guard reader.tag(bytes) == .object else { return }
    let end = Int(reader.varint(bytes)) + reader.at
    var missing = count
    while reader.at < end, missing > 0 {
      let key = Int32(truncatingIfNeeded: reader.varint(bytes))
      for column in 0..<count where scan.keys[keys.lowerBound + column] == key {
        cells[column] = reader.at
        missing -= 1
      }
      reader.skip(bytes)
    }
  }

  // MARK: Events

  private func holds(_ index: Int, _ bytes: Span<UInt8>) -> Bool {
    switch scan.eventNodes[index] {
    case .and(let range):
      for child in range where !holds(scan.eventChildren[child], bytes) { return false }
      return true
    case .or(let range):
      for child in range where holds(scan.eventChildren[child], bytes) { return true }
      return false
    case .not(let inner): return !holds(inner, bytes)
    case .number(let column, let relation, let other, let condition):
      guard cells[column] >= 0 else { return false }
      var reader = ScanReader(at: cells[column])
      guard let number = reader.number(bytes), number.isFinite else {
        return holds(condition, column, bytes)
      }
      return switch relation {
      case .equal: number == other
      case .unequal: number != other
      case .greater: number > other
      case .less: number < other
      case .greaterOrEqual: number >= other
      case .lessOrEqual: number <= other
      }
    case .text(let column, let other, let isEqual, let condition):
      guard cells[column] >= 0 else { return false }
      var reader = ScanReader(at: cells[column])
      guard let text = reader.text(bytes) else { return holds(condition, column, bytes) }
      return isText(other, text, bytes) == isEqual
    case .contains(let column, let parts, let isTrue, let condition):
      guard cells[column] >= 0 else { return !isTrue }
      var reader = ScanReader(at: cells[column])
      guard let text = reader.text(bytes) else { return holds(condition, column, bytes) }
      for part in parts where contains(scan.parts[part], text, bytes) { return isTrue }
      return !isTrue
    case .other(let column, let condition): return holds(condition, column, bytes)
    }
  }

  private func holds(_ condition: Index, _ column: Int, _ bytes: Span<UInt8>) -> Bool {
    let cell = cells[column]
    let value = cell < 0 ? .absent : ScanReader(at: cell).value(bytes, names)
    return scan.program.holds(condition, for: value)
  }

  private func isText(_ other: Range<Int>, _ text: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
    guard other.count == text.count else { return false }
    for offset in 0..<text.count
    where bytes[text.lowerBound + offset] != scan.texts[other.lowerBound + offset] {
      return false
    }
    return true
  }

  private func contains(_ part: Range<Int>, _ text: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
    guard part.count <= text.count else { return false }
    guard !part.isEmpty else { return true }
    let first = scan.texts[part.lowerBound]
    for start in text.lowerBound...(text.upperBound - part.count) where bytes[start] == first {
      if isText(part, start..<(start + part.count), bytes) { return true }
    }
    return false
  }

  func value(_ cell: Int, _ bytes: Span<UInt8>) -> Value {
    cell < 0 ? .absent : ScanReader(at: cell).value(bytes, names)
  }
}
