/// What digests keep side by side, each a series over the profiles of a chunk, in order of profile and time:
/// the events of one name that pass one condition, with one of their values; those for whom a test of a
/// custom trait comes out otherwise than for somebody without traits; and the values of a custom trait.
///
/// Streams that differ in their windows alone share a series: each is a run of a profile's events in it.
struct DigestSeries {
  /// A condition about a custom trait, and its series.
  struct TraitTest: BitwiseCopyable {
    let node: Int
    let series: Int
  }

  /// A custom trait that is a definition's value, and its series.
  struct TraitPath: BitwiseCopyable {
    let path: Int
    let series: Int
  }

  private struct Kind: Hashable {
    let slot: Int
    let condition: Int
    let column: Int
  }

  /// The series of each stream's events.
  private(set) var ofStream: [Int] = []
  private(set) var tests: [TraitTest] = []
  private(set) var paths: [TraitPath] = []
  private(set) var count = 0
  /// Whether each series is asked for nothing but numbers that are computed from its values.
  private(set) var isNumeric: [Bool] = []

  init(_ scan: ScanProgram) {
    let homes = Self.homes(scan.streams)
    var known: [Kind: Int] = [:]
    for home in homes {
      if known[home] == nil { known[home] = take() }
      ofStream.append(known[home] ?? 0)
    }
    for (number, node) in scan.nodes.enumerated() {
      if case .trait = node { tests.append(TraitTest(node: number, series: take())) }
    }
    for definition in scan.definitions {
      guard case .customTrait(let path) = definition.root,
        !paths.contains(where: { $0.path == path })
      else { continue }
      paths.append(TraitPath(path: path, series: take()))
    }
    findNumeric(scan)
  }

  private mutating func findNumeric(_ scan: ScanProgram) {
    isNumeric = [Bool](repeating: false, count: count)
    for (stream, series) in zip(scan.streams, ofStream) where stream.column >= 0 {
      isNumeric[series] = true
    }
    for leaf in scan.leaves {
      switch leaf.reducer {
      case .count, .sum, .average, .extreme(_, _, asText: false): break
      default: isNumeric[ofStream[leaf.stream]] = false
      }
    }
    // Values that are held against one another, or against a test, are read as such.
    for node in scan.nodes {
      let read =
        switch node {
        case .compare(let left, _, let right): [left, right]
        case .leaf(let leaf, _): [leaf]
        default: [Int]()
        }
      for leaf in read.map({ scan.leaves[$0] }) where !leaf.reducer.isCount {
        isNumeric[ofStream[leaf.stream]] = false
      }
    }
  }

  private mutating func take() -> Int {
    count += 1
    return count - 1
  }

  /// What the series of each stream holds. Events of which no value is asked are found among those with
  /// one, where these go back as far.
  private static func homes(_ streams: [ScanProgram.Stream]) -> [Kind] {
    func kind(_ stream: ScanProgram.Stream, column: Int) -> Kind {
      Kind(slot: stream.slot, condition: stream.condition, column: column)
    }
    var reach: [Kind: Int64] = [:]
    for stream in streams {
      let own = kind(stream, column: stream.column)
      reach[own] = max(reach[own] ?? .min, stream.high)
    }
    let columns = Set(streams.map(\.column)).filter { $0 >= 0 }.sorted()
    return streams.map { stream in
      let own = kind(stream, column: stream.column)
      guard stream.column < 0, let needed = reach[own] else { return own }
      let others = columns.map { kind(stream, column: $0) }
      return others.first { (reach[$0] ?? -1) >= needed } ?? own
    }
  }
}
