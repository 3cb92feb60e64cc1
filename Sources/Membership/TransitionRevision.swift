/// What becomes of the entries and exits that a destination was told, or is owed, of one user and one
/// audience when the truth is held against them.
///
/// What was attempted stands. Behind it whatever is true is owed. Between and before what stands nothing new
/// is told, unless what is there was never attempted, or a backfill fills a stretch of the past. Directions
/// alternate: where two of a kind would follow one another, the second is not told. All that is true and not
/// told, and all that was told and is not true, is a correction: counted, and never sent.
public struct TransitionRevision: Sendable, Equatable {
  /// An entry or exit that a destination was told, or is owed.
  public struct Known: Sendable, Equatable {
    public let transition: AudienceTransition
    /// Whether it was never attempted.
    public let isDraft: Bool

    public init(_ transition: AudienceTransition, isDraft: Bool) {
      self.transition = transition
      self.isDraft = isDraft
    }
  }

  /// What is owed from now on, in the order of time.
  public private(set) var added: [AudienceTransition] = []
  /// What was owed, never attempted, and is not to be told any more.
  public private(set) var withdrawn: [AudienceTransition] = []
  public private(set) var corrections = 0

  /// Holds the whole truth of the stretches that are told against what is known in them.
  ///
  /// - Parameters:
  ///   - truth: in the order of time.
  ///   - known: in the order of time.
  public init(of truth: [AudienceTransition], against known: [Known]) {
    let drafts = known.filter(\.isDraft).map(\.transition)
    let settled = known.filter { !$0.isDraft }.map(\.transition)
    var wanted: [AudienceTransition] = []
    Self.merge(truth, settled) { candidates, left, right in
      let between = drafts.filter {
        $0.instant > left?.instant ?? .min && $0.instant < right?.instant ?? .max
      }
      guard right == nil || !between.isEmpty else {
        corrections += candidates.count
        return
      }
      let told = fill(candidates, left, right)
      wanted += told
      // Without it two of a kind would follow one another.
      if let left, let right, left.isEntry == right.isEntry, told.isEmpty {
        wanted += between
        corrections += between.count
      }
    } unequal: { _, isTrue in
      corrections += isTrue ? 2 : 1
    }
    added = wanted.filter { transition in !drafts.contains { $0.isSame(transition) } }
    withdrawn = drafts.filter { draft in !wanted.contains { $0.isSame(draft) } }
  }

  /// Tells stretches of the past that were not told before.
  ///
  /// - Parameters:
  ///   - past: the truth in these stretches, in the order of time.
  ///   - known: what is known in the others, in the order of time.
  public init(filling past: [AudienceTransition], beside known: [Known]) {
    Self.merge(past, known.map(\.transition)) { candidates, left, right in
      added += fill(candidates, left, right)
    } unequal: { _, isTrue in
      corrections += isTrue ? 1 : 0
    }
  }

  /// Goes over what is true between each two that stand.
  ///
  /// - Parameter unequal: called with each that stands and is not true, and whether the opposite is true at
  ///   that instant.
  private static func merge(
    _ truth: [AudienceTransition], _ settled: [AudienceTransition],
    gap: ([AudienceTransition], AudienceTransition?, AudienceTransition?) -> Void,
    unequal: (AudienceTransition, Bool) -> Void
  ) {
    var rest = truth[...]
    for place in 0...settled.count {
      let right = place < settled.count ? settled[place] : nil
      let candidates = rest.prefix { $0.instant < right?.instant ?? .max }
      rest = rest.dropFirst(candidates.count)
      gap(Array(candidates), place > 0 ? settled[place - 1] : nil, right)
      guard let right else { return }
      if let found = rest.first, found.instant == right.instant {
        rest = rest.dropFirst()
        if found.isEntry != right.isEntry { unequal(right, true) }
      } else {
        unequal(right, false)
      }
    }
  }

  /// What may be told between two that stand.
  private mutating func fill(
    _ candidates: [AudienceTransition], _ left: AudienceTransition?, _ right: AudienceTransition?
  ) -> [AudienceTransition] {
    var told: [AudienceTransition] = []
    for candidate in candidates where candidate.isEntry != (told.last ?? left)?.isEntry {
      told.append(candidate)
    }
    if let right, told.last?.isEntry == right.isEntry { told.removeLast() }
    corrections += candidates.count - told.count
    return told
  }
}

extension AudienceTransition {
  fileprivate func isSame(_ other: AudienceTransition) -> Bool {
    instant == other.instant && isEntry == other.isEntry
  }
}
