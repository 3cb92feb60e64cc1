import Values

/// One row of `spells`.
public struct StoredSpell: Sendable, Equatable {
  public let profile: Int64
  /// UTC milliseconds: the first instant, and the first one behind it.
  public internal(set) var since: Int64
  public internal(set) var until: Int64
  /// JSON.
  public let value: String

  public init(profile: Int64, since: Int64, until: Int64, value: String) {
    self.profile = profile
    self.since = since
    self.until = until
    self.value = value
  }

  public static func == (a: StoredSpell, b: StoredSpell) -> Bool {
    a.profile == b.profile && a.since == b.since && a.until == b.until
      && a.value.isExactly(b.value)
  }

  func clipped(to range: Range<Int64>) -> StoredSpell? {
    let (since, until) = (max(since, range.lowerBound), min(until, range.upperBound))
    guard since < until else { return nil }
    return StoredSpell(profile: profile, since: since, until: until, value: value)
  }
}

/// How the past turned out another one than it was known to be.
public struct SpellChanges: Sendable, Equatable {
  /// Spells that begin where none had begun.
  public var added = 0
  /// Spells of which none begins any more where they began.
  public var removed = 0
  /// Spells with another end or another value.
  public var altered = 0

  public init() {}

  public init(added: Int, removed: Int, altered: Int) {
    self.added = added
    self.removed = removed
    self.altered = altered
  }

  public var count: Int { added + removed + altered }

  public static func += (changes: inout SpellChanges, more: SpellChanges) {
    changes.added += more.added
    changes.removed += more.removed
    changes.altered += more.altered
  }

  /// Counts what is different between two lists of one profile, each in the order of time.
  mutating func compare(_ old: [StoredSpell], _ new: [StoredSpell]) {
    var (a, b) = (0, 0)
    while a < old.count || b < new.count {
      if b == new.count || (a < old.count && old[a].since < new[b].since) {
        removed += 1
        a += 1
      } else if a == old.count || new[b].since < old[a].since {
        added += 1
        b += 1
      } else {
        if old[a] != new[b] { altered += 1 }
        (a, b) = (a + 1, b + 1)
      }
    }
  }
}

/// What becomes of one profile's spells of one definition when a range is computed again.
public enum SpellRevision {
  /// Puts new spells in place of those in a range. What reaches over its borders is cut there, and joined
  /// where both sides have one value.
  public static func revise(
    _ old: [StoredSpell], with new: [StoredSpell], in range: Range<Int64>
  ) -> [StoredSpell] {
    let before = old.compactMap { $0.clipped(to: .min..<range.lowerBound) }
    let after = old.compactMap { $0.clipped(to: range.upperBound..<(.max)) }
    var whole: [StoredSpell] = []
    for spell in before + new + after {
      if let last = whole.last, last.until == spell.since, last.value.isExactly(spell.value) {
        whole[whole.count - 1].until = spell.until
      } else {
        whole.append(spell)
      }
    }
    return whole
  }

  /// How the past changed where it was known: only inside `known`, stretches of the range.
  public static func changes(
    from old: [StoredSpell], to new: [StoredSpell], in known: [Range<Int64>]
  ) -> SpellChanges {
    var changes = SpellChanges()
    for range in known {
      changes.compare(
        old.compactMap { $0.clipped(to: range) }, new.compactMap { $0.clipped(to: range) })
    }
    return changes
  }
}
