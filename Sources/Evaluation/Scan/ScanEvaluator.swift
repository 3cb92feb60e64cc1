import Definitions
import Values

/// The values of all definitions about users, for one profile after another at one instant.
///
/// It is `evaluate` for a scan: the history is read in place and in one pass, an event is looked at
/// only when some definition asks for its name and is in reach of it, its properties are read once for
/// all, and a definition of whose events the profile has none costs nothing. What the one pass cannot
/// do is left to the general evaluator. The values are those of `evaluate`; the next change may be
/// earlier, never later.
///
/// It belongs to one thread, and keeps its memory from one profile to the next.
public struct ScanEvaluator: ~Copyable {
  typealias Index = Program.Index
  typealias Outcome = Evaluator.Outcome

  /// The paths of the custom traits that are asked for.
  let paths: [CompiledPath]
  let now: Int64
  let names: NameTable
  private let slotOfName: FixedTable<Int32>
  private let columnOfKey: FixedTable<Int32>
  private let slots: FixedTable<Slot>
  private let gates: FixedTable<Gate>
  private let eventNodes: FixedTable<ScanProgram.EventNode>
  private let eventChildren: FixedTable<Int>
  let relatedNodes: FixedTable<ScanProgram.RelatedNode>
  let relatedChildren: FixedTable<Int>
  let nodes: FixedTable<ScanProgram.Node>
  let children: FixedTable<Int>
  let leaves: FixedTable<ScanProgram.Leaf>
  let streams: FixedTable<StreamEntry>
  let matcher: CellMatcher
  let definitions: FixedTable<ScanProgram.Definition>
  private let concernedByStream: FixedTable<Int>
  private let traitDefinitions: FixedTable<Int>

  /// All definitions, for profiles that are not there as a user, and for every doubt.
  private let general: GeneralEvaluator
  let others: OtherDefinitions
  var results: ScanResults
  /// Up to when what nobody's events decide holds.
  private(set) var defaultUntil: FixedTable<Int64>
  private var isSomeDefaultLimited = false

  /// The next change of the last profile.
  public private(set) var next = Instant.never

  /// Whether the last profile takes part, as `Evaluation.exists`.
  public private(set) var exists = false

  /// How many definitions one pass over the events is enough for.
  public var definitionsInPass: Int { definitions.count }

  // Of one profile.
  var found: ScratchList<Hit>
  var hits: ScratchList<Hit>
  var places: FixedTable<Place>
  var touched: ScratchList<Int>
  private var cells: FixedTable<Int>
  var traitCalls: ScratchList<TraitCall>
  /// For each path so many places, of which a profile has one by its number.
  var traits: FixedTable<TraitFound>
  private let traitSlots: Int
  private var concernedIn: FixedTable<Int>
  private var concerned: ScratchList<Int>
  private(set) var profile = 0
  private var lastProfile = 0
  private var firstOfChunk = 0

  private(set) var lastPass = (ofUser: Int64.max, asksOthers: false)
  var digest: DigestTables
  var chunk: DigestChunk
  /// Which of the calls with traits are the profile's.
  private(set) var traitStart = 0
  private(set) var traitEnd = 0

  /// - Parameter ranks: the place of each definition in the order in which `forEachPresent` names them;
  ///   that of the definitions themselves when left out.
  public init(
    _ definitions: [Definition], _ names: NameTable, at now: Instant, ranks: [Int]? = nil
  ) {
    self.init(definitions, names, now.milliseconds...now.milliseconds, ranks)
  }

  /// - Parameter range: the instants for which events are looked at; values are those at its beginning.
  init(
    _ definitions: [Definition], _ names: NameTable, _ range: ClosedRange<Int64>,
    _ ranks: [Int]? = nil
  ) {
    let milliseconds = range.lowerBound
    self.now = milliseconds
    self.names = names
    let program = Program(definitions, names)
    let scan = ScanProgram(program)
    paths = program.paths
    general = GeneralEvaluator(program)
    others = OtherDefinitions(definitions, scan, names, at: milliseconds)
    matcher = CellMatcher(scan, names)
    let tables = GateTables(scan, range)
    slotOfName = FixedTable(program.slots)
    columnOfKey = FixedTable(tables.columnOfKey)
    slots = FixedTable(tables.slots)
    gates = FixedTable(tables.gates)
    eventNodes = FixedTable(scan.eventNodes)
    eventChildren = FixedTable(scan.eventChildren)
    relatedNodes = FixedTable(scan.relatedNodes)
    relatedChildren = FixedTable(scan.relatedChildren)
    nodes = FixedTable(scan.nodes)
    children = FixedTable(scan.children)
    leaves = FixedTable(scan.leaves)
    streams = FixedTable(tables.streams(scan))
    concernedByStream = FixedTable(scan.definitionsOfStream.flatMap { $0 })
    self.definitions = FixedTable(scan.definitions)
    traitDefinitions = FixedTable(
      scan.definitions.indices.filter { scan.definitions[$0].asksTraits })
    found = ScratchList()
    hits = ScratchList()
    places = FixedTable([Place](repeating: Place(), count: scan.streams.count))
    touched = ScratchList()
    cells = FixedTable([Int](repeating: -1, count: scan.keys.count))
    traitCalls = ScratchList()
    traitSlots = Self.traitSlots(program.paths.count)
    traits = FixedTable(
      [TraitFound](repeating: TraitFound(), count: program.paths.count * traitSlots))
    concernedIn = FixedTable([Int](repeating: 0, count: scan.definitions.count))
    concerned = ScratchList()
    digest = DigestTables(program, tables.gates)
    chunk = DigestChunk(scan)
    results = ScanResults(
      definitions.count, ranks ?? Array(definitions.indices),
      booleans: scan.definitions.filter(\.isAudience).map(\.place),
      values: scan.definitions.filter { !$0.isAudience }.map(\.place))
    defaultUntil = FixedTable([Int64](repeating: .max, count: scan.definitions.count))
    let limited = makeDefaults()
    isSomeDefaultLimited = limited
  }

  /// What definitions are for somebody who is there, and of whose events none is asked for.
  private mutating func makeDefaults() -> Bool {
    let nothing: [UInt8] = []
    var isLimited = others.until != .max
    for number in 0..<definitions.count {
      let until = decide(number, nothing.span)
      defaultUntil[number] = until
      if until != .max { isLimited = true }
    }
    for (place, value) in others.defaults { results.set(value, at: place) }
    results.keepAsDefaults()
    return isLimited
  }

  // MARK: Results

  /// The values of the last profile, one a definition, in the order in which they were given.
  public var values: [Value] {
    mutating get { results.values }
  }

  /// Calls `body` with the place of each definition whose value is there and not `false`, by rank.
  @inline(__always)
  public mutating func forEachPresent(_ body: (inout Self, Int) -> Void) {
    for word in 0..<results.wordCount {
      var rest = results.word(word)
      while rest != 0 {
        body(&self, results.place(ofRank: word << 6 + rest.trailingZeroBitCount))
        rest &= rest - 1
      }
    }
  }

  /// Whether a definition's value is nothing but a truth; it is `true` where it is present.
  @inline(__always)
  public mutating func isTruth(_ place: Int) -> Bool { results.isTruth(place) }

  /// The value of one definition.
  public mutating func value(_ place: Int) -> Value { results.value(place) }

  // MARK: One profile

  /// Evaluates a profile. Its values and its next change can be asked for then.
  public mutating func evaluate(_ history: Span<UInt8>) {
    clear()
    lastPass = pass(history)
    (traitStart, traitEnd) = (0, traitCalls.count)
    guard lastPass.ofUser <= now, arrange() else { return evaluateGeneral(history) }
    settle(history, asksOthers: lastPass.asksOthers)
  }

  /// Decides all definitions by the hits as they are arranged.
  ///
  /// - Parameter bytes: where the hits' values stand.
  @inline(__always)
  mutating func settle(_ bytes: Span<UInt8>, asksOthers: Bool) {
    exists = true
    results.setToDefaults()
    for number in 0..<touched.count {
      for place in streams[touched[number]].concerned { concern(concernedByStream[place]) }
    }
    if !traitCalls.isEmpty {
      for number in 0..<traitDefinitions.count { concern(traitDefinitions[number]) }
    }
    var until = isSomeDefaultLimited ? untilOfUnconcerned() : .max
    for number in 0..<concerned.count { until = min(until, decide(concerned[number], bytes)) }
    if !others.isEmpty, asksOthers || (others.asksTraits && !traitCalls.isEmpty) {
      until = min(until, others.evaluate(bytes, &results))
    } else {
      until = min(until, others.until)
    }
    next = Instant(milliseconds: until)
  }

  // MARK: Profiles of a chunk

  /// Makes the calls with traits in hand those of the profile at a place.
  @inline(__always)
  mutating func setTraits(start: Int, end: Int, place: Int) {
    (traitStart, traitEnd) = (start, end)
    profile = firstOfChunk + place
  }

  /// Gives the profiles of a chunk numbers that no other one has.
  mutating func numberProfiles(_ count: Int) {
    firstOfChunk = lastProfile + 1
    lastProfile += count
  }

  /// How many profiles' traits are remembered: all of a chunk, unless there are very many paths.
  private static func traitSlots(_ paths: Int) -> Int {
    var slots = DigestChunk.profileLimit
    while slots > 1, slots * paths > 16_384 { slots /= 2 }
    return slots
  }

  /// Where it is remembered what a path comes to for the profile in hand.
  @inline(__always)
  func traitPlace(_ path: Int) -> Int { path * traitSlots + profile & (traitSlots - 1) }

  @inline(__always)
  mutating func setOutcome(until: Int64) {
    exists = true
    next = Instant(milliseconds: until)
  }

  // MARK: One definition

  /// Evaluates one definition. Returns up to when it holds.
  @inline(__always)
  private mutating func decide(_ number: Int, _ history: Span<UInt8>) -> Int64 {
    let definition = definitions[number]
    switch definition.root {
    case .audience(let node):
      let truth = truth(node, history)
      results.set(truth.value, at: definition.place)
      return truth.until
    default:
      let outcome = value(of: definition.root, history)
      results.set(outcome.value, at: definition.place)
      return outcome.until
    }
  }

  /// What a definition comes to that is no audience, or one whose value is asked for as such.
  mutating func value(of root: ScanProgram.Root, _ bytes: Span<UInt8>) -> Outcome<Value> {
    switch root {
    case .audience(let node):
      let truth = truth(node, bytes)
      return Outcome(.boolean(truth.value), until: truth.until)
    case .trait(let leaf): return reduce(leaf, bytes)
    case .customTrait(let path):
      let (cell, until) = traitCell(path, bytes)
      return Outcome(matcher.value(cell, bytes), until: until)
    }
  }

  private mutating func untilOfUnconcerned() -> Int64 {
    var until = Int64.max
    for number in 0..<defaultUntil.count where concernedIn[number] != profile {
      until = min(until, defaultUntil[number])
    }
    return until
  }

  @inline(__always)
  private mutating func concern(_ definition: Int) {
    if concernedIn[definition] == profile { return }
    concernedIn[definition] = profile
    concerned.append(definition)
  }

  mutating func clear() {
    lastProfile += 1
    profile = lastProfile
    for number in 0..<touched.count { places[touched[number]] = Place() }
    for column in 0..<cells.count { cells[column] = -1 }
    touched.removeAll()
    concerned.removeAll()
    found.removeAll()
    hits.removeAll()
    traitCalls.removeAll()
    digest.events.removeAll()
  }

  /// A profile that is not there yet as a user, or that one pass cannot do.
  private mutating func evaluateGeneral(_ history: Span<UInt8>) {
    let evaluation = general.evaluate(history, at: now)
    results.set(all: evaluation.values)
    exists = evaluation.exists
    next = evaluation.next
  }

  /// Reads the records. Returns the time of the first call with a user id, and whether the definitions
  /// that the pass cannot do ask for one of the events.
  mutating func pass(_ bytes: Span<UInt8>) -> (ofUser: Int64, asksOthers: Bool) {
    var reader = ScanReader(at: 0)
    var time: Int64 = 0
    var ofUser = Int64.max
    var asksOthers = false
    let size = bytes.count
    while reader.at < size {
      let length = Int(truncatingIfNeeded: reader.varint(bytes))
      let end = reader.at + length
      let head = bytes[reader.at]
      reader.at += 1
      let name = Int(truncatingIfNeeded: reader.varint(bytes))
      time += reader.zigzag(bytes)
      // In the order of time, the first one is the earliest.
      if head & History.anonymousBit == 0, ofUser == .max { ofUser = time }
      let kind = head & ~History.anonymousBit
      if kind == History.RecordKind.event.rawValue {
        if others.asks(name, at: time) { asksOthers = true }
        if name < slotOfName.count, slotOfName[name] >= 0 {
          let slot = slots[Int(slotOfName[name])]
          if time >= slot.from {
            let before = found.count
            look(slot, time, &reader, bytes)
            if digest.marksEvents, found.count > before {
              digest.events.append(Int32(truncatingIfNeeded: before))
            }
          }
        }
      } else if kind == History.RecordKind.identify.rawValue {
        _ = reader.zigzag(bytes)
        traitCalls.append(TraitCall(time: time, payload: reader.at))
      }
      reader.at = end
    }
    return (ofUser, asksOthers)
  }

  /// Holds one event against the gates of its name.
  @inline(__always)
  private mutating func look(
    _ slot: Slot, _ time: Int64, _ reader: inout ScanReader, _ bytes: Span<UInt8>
  ) {
    // Cells before this are an earlier event's.
    let payload = reader.at
    var isRead = slot.columns == 0
    var condition = -1
    var passes = true
    for number in slot.start..<slot.end {
      let gate = gates[number]
      if time < gate.from { continue }
      if !isRead {
        _ = reader.zigzag(bytes)
        readCells(slot.columns, &reader, bytes)
        isRead = true
      }
      if gate.condition != condition {
        condition = gate.condition
        passes = holds(condition, behind: payload, bytes)
      }
      if !passes { continue }
      let cell = gate.column < 0 ? -1 : cells[gate.column]
      found.append(
        Hit(
          time: time, cell: Int32(truncatingIfNeeded: cell < payload ? -1 : cell),
          stream: Int32(truncatingIfNeeded: gate.stream)))
      var place = places[gate.stream]
      if place.kept + place.coming == 0 { touched.append(gate.stream) }
      if time > gate.there { place.coming += 1 } else { place.kept += 1 }
      places[gate.stream] = place
    }
  }

  /// Finds the properties that are asked of events of a name.
  @inline(__always)
  private mutating func readCells(
    _ columns: UInt64, _ reader: inout ScanReader, _ bytes: Span<UInt8>
  ) {
    guard reader.tag(bytes) == .object else { return }
    let end = Int(truncatingIfNeeded: reader.varint(bytes)) + reader.at
    var missing = columns
    while reader.at < end {
      let key = Int(truncatingIfNeeded: reader.varint(bytes))
      let column = key < columnOfKey.count ? Int(columnOfKey[key]) : -1
      if column >= 0 {
        cells[column] = reader.at
        if column < 63 { missing &= ~(1 << UInt64(column)) }
        if missing == 0 { return }
      }
      reader.skip(bytes)
    }
  }

  private mutating func holds(_ index: Int, behind payload: Int, _ bytes: Span<UInt8>) -> Bool {
    if index < 0 { return true }
    switch eventNodes[index] {
    case .test(let column, let test):
      let cell = cells[column]
      return matcher.passes(test, cell < payload ? -1 : cell, bytes)
    case .and(let range):
      for child in range where !holds(eventChildren[child], behind: payload, bytes) { return false }
      return true
    case .or(let range):
      for child in range where holds(eventChildren[child], behind: payload, bytes) { return true }
      return false
    case .not(let inner): return !holds(inner, behind: payload, bytes)
    }
  }
}
