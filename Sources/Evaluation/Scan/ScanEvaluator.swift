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
  let slotOfName: FixedTable<Int32>
  let columnOfKey: FixedTable<Int32>
  let slots: FixedTable<Slot>
  let gates: FixedTable<Gate>
  let eventNodes: FixedTable<ScanProgram.EventNode>
  let eventChildren: FixedTable<Int>
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
  /// Those that are no audiences.
  let valueDefinitions: FixedTable<Int>

  /// All definitions, for profiles that are not there as a user, and for every doubt.
  private let general: GeneralEvaluator
  let others: OtherDefinitions
  var results: ScanResults
  /// Up to when what nobody's events decide holds.
  private(set) var defaultUntil: FixedTable<Int64>
  private var isSomeDefaultLimited = false

  /// The next change of the last profile.
  public internal(set) var next = Instant.never

  /// Whether the last profile takes part, as `Evaluation.exists`.
  public internal(set) var exists = false

  /// How many definitions one pass over the events is enough for.
  public var definitionsInPass: Int { definitions.count }

  // Of one profile.
  var found: ScratchList<Hit>
  var hits: ScratchList<Hit>
  var places: FixedTable<Place>
  var touched: ScratchList<Int>
  var cells: FixedTable<Int>
  var traitCalls: ScratchList<TraitCall>
  /// For each path.
  var traits: FixedTable<TraitFound>
  private var concernedIn: FixedTable<Int>
  private var concerned: ScratchList<Int>
  var profile = 0

  private(set) var lastPass = (ofUser: Int64.max, asksOthers: false)
  var digest: DigestTables
  var chunk: DigestChunk
  var conditions = ChunkConditions()
  /// Which of the calls with traits are the profile's.
  var traitStart = 0
  var traitEnd = 0

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
    let series = DigestSeries(scan)
    let entries = tables.streams(scan, series)
    streams = FixedTable(entries)
    concernedByStream = FixedTable(scan.definitionsOfStream.flatMap { $0 })
    self.definitions = FixedTable(scan.definitions)
    traitDefinitions = FixedTable(
      scan.definitions.indices.filter { scan.definitions[$0].asksTraits })
    valueDefinitions = FixedTable(
      scan.definitions.indices.filter { !scan.definitions[$0].isAudience })
    found = ScratchList()
    hits = ScratchList()
    places = FixedTable([Place](repeating: Place(), count: scan.streams.count))
    touched = ScratchList()
    cells = FixedTable([Int](repeating: -1, count: scan.keys.count))
    traitCalls = ScratchList()
    traits = FixedTable([TraitFound](repeating: TraitFound(), count: program.paths.count))
    concernedIn = FixedTable([Int](repeating: 0, count: scan.definitions.count))
    concerned = ScratchList()
    digest = DigestTables(series, entries, scan)
    chunk = DigestChunk(runs: series.count + entries.count { $0.related >= 0 })
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

  /// How many words of 64 ranks there are.
  public var wordCount: Int {
    @inline(__always) mutating get { results.wordCount }
  }

  /// Of the definitions of a word of ranks, a bit each: those whose value is there and not `false`, and those
  /// whose value is nothing but a truth.
  @inline(__always)
  public mutating func present(inWord word: Int) -> (present: UInt64, truths: UInt64) {
    (results.word(word), results.truths(word))
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
    profile += 1
    for number in 0..<touched.count { places[touched[number]] = Place() }
    for column in 0..<cells.count { cells[column] = -1 }
    touched.removeAll()
    concerned.removeAll()
    found.removeAll()
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
}
