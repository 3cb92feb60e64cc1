import Definitions
import Values

/// The spells of those definitions that a scan can do in one pass, found in one sweep over the range.
///
/// The pass (`ScanEvaluator`) looks up which events belong to each stream, whatever the instant. Of each
/// event it is known then when it enters its stream's window and when it leaves. Going from one such
/// *move* to the next, what a leaf comes to is kept up to date (`LeafTally`) and held against what is
/// asked of it. That gives a *course*: whether the condition holds at the beginning, and the instants at
/// which it turns. AND, OR and NOT combine courses.
///
/// Worked example: `count() >= 1` within 30 days, an order on day 1 and one on day 20, for days 0 to 60:
///
///     moves      in 1, in 20, out 31, out 50 (and a millisecond each)
///     course     false; turns at 1, 50
///     spells     1 to 50
struct SpellSweep: ~Copyable {
  /// What of the definitions is done.
  enum Extent {
    /// All that is asked.
    case whole
    /// Those that a scan can do; the others have to be stepped.
    case part
    /// Nothing: the profile has no user id.
    case anonymous
  }

  /// A condition over the range: a run of `turns`, at its end when it is made.
  struct Course {
    var start: Int
    var count: Int
    /// Whether it holds at the beginning.
    var truth: Bool
  }

  var scan: ScanEvaluator
  let from: Int64
  let to: Int64
  /// The places of the definitions that are swept, among all.
  let swept: Set<Int>
  /// The place among all of each that the scan was given.
  private let places: [Int]
  /// What the others are for those who did nothing; only when that holds for ever.
  private let defaults: [(place: Int, value: Value)]
  private let hasOthers: Bool

  // Of one profile.
  /// Where the range begins: at `from`, or when the profile is there.
  var begin: Int64 = 0
  var turns = ScratchList<Int64>()
  var tally = LeafTally()
  var related = RelatedMoves()

  /// - Parameters:
  ///   - definitions: in dependency order, about users.
  ///   - places: their places among all.
  init(
    _ definitions: [Definition], places: [Int], _ names: NameTable, from: Int64, to: Int64
  ) {
    self.from = from
    self.to = to
    self.places = places
    scan = ScanEvaluator(definitions, names, from...max(from, to - 1))
    var swept: Set<Int> = []
    for number in 0..<scan.definitions.count {
      swept.insert(places[scan.definitions[number].place])
    }
    self.swept = swept
    hasOthers = !scan.others.isEmpty
    defaults =
      scan.others.until == .max
      ? scan.others.defaults.map { (places[$0.place], $0.value) } : []
  }

  /// Adds the spells of a profile.
  mutating func sweep(_ history: Span<UInt8>, into spells: inout Spells) -> Extent {
    scan.clear()
    let (firstOfUser, asksOthers) = scan.pass(history)
    guard firstOfUser != .max else { return .anonymous }
    begin = max(from, firstOfUser)
    guard begin < to else { return .whole }
    scan.sortHits()
    related.removeAll(scan.streams.count)
    for number in 0..<scan.definitions.count { sweep(number, history, into: &spells) }
    guard hasOthers else { return .whole }
    let isConcerned =
      asksOthers || scan.others.until != .max
      || (scan.others.asksTraits && !scan.traitCalls.isEmpty)
    if isConcerned { return .part }
    for (place, value) in defaults { spells.add(place, begin, to, value) }
    return .whole
  }

  private mutating func sweep(_ number: Int, _ bytes: Span<UInt8>, into spells: inout Spells) {
    let definition = scan.definitions[number]
    let place = places[definition.place]
    switch definition.root {
    case .audience(let node):
      turns.removeAll()
      let course = course(node, bytes)
      var (since, truth) = (begin, course.truth)
      for turn in course.start..<(course.start + course.count) {
        if truth { spells.add(place, since, turns[turn], .boolean(true)) }
        (since, truth) = (turns[turn], !truth)
      }
      if truth { spells.add(place, since, to, .boolean(true)) }
    case .trait(let leaf):
      var walk = start(leaf, bytes)
      var (since, value) = (begin, value(leaf, bytes))
      while let moment = advance(&walk) {
        let changed = self.value(leaf, bytes)
        if changed == value { continue }
        spells.add(place, since, moment, value)
        (since, value) = (moment, changed)
      }
      spells.add(place, since, to, value)
    case .customTrait(let path):
      var walk = TraitWalk(begin)
      var (since, cell) = (begin, walk.cell(path, &scan, bytes))
      while let moment = walk.advance(&scan, to: to) {
        let next = walk.cell(path, &scan, bytes)
        if next == cell { continue }
        spells.add(place, since, moment, scan.matcher.value(cell, bytes))
        (since, cell) = (moment, next)
      }
      spells.add(place, since, to, scan.matcher.value(cell, bytes))
    }
  }
}

/// Goes from one call with traits to the next.
struct TraitWalk {
  private var next = 0
  private let begin: Int64
  private var known: (path: Int, upTo: Int, cell: Int) = (-1, 0, -1)

  init(_ begin: Int64) { self.begin = begin }

  /// Where the value of a path stands by now; -1 for nowhere.
  mutating func cell(_ path: Int, _ scan: inout ScanEvaluator, _ bytes: Span<UInt8>) -> Int {
    if next == 0, known.path < 0 { skip(&scan, to: begin) }
    if known.path != path { known = (path, 0, -1) }
    let steps = scan.paths[path].steps
    guard case .key(let key) = steps[0] else { return -1 }
    while known.upTo < next {
      var reader = ScanReader(at: scan.traitCalls[known.upTo].payload)
      known.upTo += 1
      guard reader.enter(key, bytes) else { continue }
      known.cell = Self.place(steps, reader, bytes)
    }
    return known.cell
  }

  private static func place(
    _ steps: [CompiledPath.Step], _ reader: ScanReader, _ bytes: Span<UInt8>
  ) -> Int {
    var reader = reader
    for step in steps.dropFirst() {
      guard case .key(let key) = step, reader.enter(key, bytes) else { return -1 }
    }
    return reader.at
  }

  /// The instant of the next call before `to`, which counts from then on.
  mutating func advance(_ scan: inout ScanEvaluator, to: Int64) -> Int64? {
    guard next < scan.traitCalls.count, scan.traitCalls[next].time < to else { return nil }
    let moment = scan.traitCalls[next].time
    skip(&scan, to: moment)
    return moment
  }

  private mutating func skip(_ scan: inout ScanEvaluator, to moment: Int64) {
    while next < scan.traitCalls.count, scan.traitCalls[next].time <= moment { next += 1 }
  }
}
