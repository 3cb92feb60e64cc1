/// The conditions of all audiences of a pass, as they are evaluated for a chunk: each once, for all profiles.
struct ChunkConditions: ~Copyable {
  /// Which row is whose. Few conditions are needed at a time, so that there are few rows.
  private struct Rows {
    private(set) var rowOf: [Int] = []
    private(set) var count = 0
    private var free: [Int] = []
    /// The conditions that are needed for the last time by each.
    private let ending: [[Int]]

    init(_ parts: [[Int]]) {
      var lastUse = Array(parts.indices)
      for (node, parts) in parts.enumerated() {
        for part in parts { lastUse[part] = node }
      }
      var ending = [[Int]](repeating: [], count: parts.count)
      for (node, last) in lastUse.enumerated() { ending[last].append(node) }
      self.ending = ending
      for node in parts.indices {
        rowOf.append(take())
        for over in ending[node] { free.append(rowOf[over]) }
      }
    }

    private mutating func take() -> Int {
      if let row = free.popLast() { return row }
      count += 1
      return count - 1
    }
  }

  var margins: MarginTable
  var verdicts: Verdicts
  let rowOf: FixedTable<Int>
  /// Whether each condition holds for those whose events decide nothing. It does so, or not, for ever.
  let defaults: FixedTable<Bool>
  /// Whether a row has a place for each profile; otherwise it has one for each group of its run.
  let isWhole: FixedTable<Bool>
  var runs: FixedTable<DigestChunk.Run>
  /// Whether a condition may be another thing than by default for some profile of the chunk in hand.
  var isActive: FixedTable<Bool>
  /// The ranks of the audiences that are each condition, and where those of each begin; and the end.
  let ranks: FixedTable<Int>
  let rankStarts: FixedTable<Int>

  /// None, for no chunk.
  init() {
    self.init(defaults: [], isWhole: [], parts: [], ranks: [], words: 0, width: 0)
  }

  /// - Parameters:
  ///   - defaults: of each condition.
  ///   - isWhole: whether its row has a place for each profile.
  ///   - parts: the conditions that each asks for; they come before it.
  ///   - ranks: of the audiences that are each condition.
  ///   - words: how many words of ranks there are.
  ///   - width: how many profiles a chunk may have.
  init(
    defaults: [Bool], isWhole: [Bool], parts: [[Int]], ranks: [[Int]], words: Int, width: Int
  ) {
    let rows = Rows(parts)
    margins = MarginTable(rows: rows.count, width: width)
    verdicts = Verdicts(words: words, width: width)
    rowOf = FixedTable(rows.rowOf)
    self.defaults = FixedTable(defaults)
    self.isWhole = FixedTable(isWhole)
    runs = FixedTable([DigestChunk.Run](repeating: DigestChunk.Run(), count: defaults.count))
    isActive = FixedTable([Bool](repeating: false, count: defaults.count))
    self.ranks = FixedTable(ranks.flatMap { $0 })
    rankStarts = FixedTable(ranks.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) })
  }

  /// Begins a condition that is evaluated for each group of a run. False when there is none.
  @inline(__always)
  mutating func begin(_ node: Int, _ run: DigestChunk.Run) -> Bool {
    runs[node] = run
    isActive[node] = !run.isEmpty
    return !run.isEmpty
  }

  /// Says what a condition is for a group of its run.
  @inline(__always)
  mutating func set(_ node: Int, _ index: Int, _ margin: Double) {
    margins.set(rowOf[node], index, margin)
  }

  // MARK: Conditions of conditions

  mutating func negate(_ node: Int, _ inner: Int, count: Int) {
    isActive[node] = isActive[inner]
    runs[node] = runs[inner]
    guard isActive[node] else { return }
    margins.negate(
      rowOf[node], rowOf[inner], count: isWhole[inner] ? count : runs[inner].count)
  }

  /// Begins an AND or OR. False when it is for all what it is by default: no part is anything else, or one
  /// decides it for all.
  mutating func begin(
    _ node: Int, _ parts: Range<Int>, of children: borrowing FixedTable<Int>, isAll: Bool
  ) -> Bool {
    var isOpen = false
    for place in parts {
      if isActive[children[place]] {
        isOpen = true
      } else if defaults[children[place]] != isAll {
        isActive[node] = false
        return false
      }
    }
    isActive[node] = isOpen
    return isOpen
  }

  mutating func combine(
    _ node: Int, _ parts: Range<Int>, of children: borrowing FixedTable<Int>, isAll: Bool,
    count: Int, _ groups: borrowing ScratchList<DigestChunk.Group>
  ) {
    let row = rowOf[node]
    margins.fill(row, isAll ? .infinity : -.infinity, count: count)
    for place in parts where isActive[children[place]] {
      let part = children[place]
      switch (isAll, isWhole[part]) {
      case (true, true): margins.lower(row, to: rowOf[part], count: count)
      case (false, true): margins.raise(row, to: rowOf[part], count: count)
      case (true, false):
        margins.lower(row, to: rowOf[part], defaults[part], count: count, of: groups, runs[part])
      case (false, false):
        margins.raise(row, to: rowOf[part], defaults[part], count: count, of: groups, runs[part])
      }
    }
  }

  // MARK: Audiences

  /// Takes in the audiences that are a condition.
  mutating func gather(
    _ node: Int, count: Int, _ groups: borrowing ScratchList<DigestChunk.Group>
  ) {
    guard isActive[node] else { return }
    for index in rankStarts[node]..<rankStarts[node + 1] {
      if isWhole[node] {
        verdicts.gather(ranks[index], margins, row: rowOf[node], count: count)
      } else {
        verdicts.gather(ranks[index], margins, row: rowOf[node], of: groups, runs[node])
      }
    }
  }
}
