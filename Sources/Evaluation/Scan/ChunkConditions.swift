/// The conditions of all audiences of a pass, as they are evaluated for a chunk: each once, for all profiles.
struct ChunkConditions: ~Copyable {
  /// An audience, by its condition, and its bit in the word of its rank.
  struct Root: BitwiseCopyable {
    let node: Int
    let bit: UInt64
  }

  /// A row for each condition.
  var margins: MarginTable
  /// What each is for those whose events decide nothing.
  let defaults: FixedTable<Double>
  /// Whether a condition may be another thing than by default for some profile of the chunk in hand.
  var isActive: FixedTable<Bool>
  /// At how many places in the beginning its row says what it is by default.
  var defaultCount: FixedTable<Int>
  /// The audiences of each word of ranks, and where those of each begin; and the end.
  let roots: FixedTable<Root>
  let rootStarts: FixedTable<Int>

  /// - Parameters:
  ///   - defaults: of each condition; none when no chunk is going to be evaluated.
  ///   - roots: the conditions of audiences, by word.
  ///   - width: how many profiles a chunk may have.
  init(defaults: [Double], roots: [[Root]], width: Int) {
    margins = MarginTable(rows: defaults.count, width: width)
    self.defaults = FixedTable(defaults)
    isActive = FixedTable([Bool](repeating: false, count: defaults.count))
    defaultCount = FixedTable([Int](repeating: 0, count: defaults.count))
    self.roots = FixedTable(roots.flatMap { $0 })
    rootStarts = FixedTable(roots.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) })
  }

  /// Notes whether a condition is evaluated for the chunk in hand, which has so many profiles. If not, its
  /// row says what it is by default; and so it does in the beginning where only some places are written.
  mutating func begin(_ node: Int, isActive: Bool, isSparse: Bool, count: Int) {
    self.isActive[node] = isActive
    if isActive ? isSparse : defaultCount[node] < count {
      margins.fill(node, defaults[node], count: count)
    }
    defaultCount[node] = isActive ? 0 : max(defaultCount[node], count)
  }
}
