import Values

/// A stretch of time in which a definition has one value for one profile.
public struct Spell: Sendable, Equatable {
  /// The first instant, in UTC milliseconds.
  public let since: Int64
  /// The first instant behind it: the value is another one then, or nothing was computed any more.
  public internal(set) var until: Int64
  /// `true` of an audience, the value of a trait; never `false`, never absent.
  public let value: Value

  public init(since: Int64, until: Int64, value: Value) {
    self.since = since
    self.until = until
    self.value = value
  }
}

/// The spells of one profile, definition by definition, each in the order of time.
///
/// Between two spells of a definition the profile is no member, or has no value. Spells that touch have
/// different values.
public struct Spells: Sendable, Equatable {
  /// One list a definition, by its place.
  public private(set) var lists: [[Spell]]

  init(places: Int) { lists = [[Spell]](repeating: [], count: places) }

  public subscript(place: Int) -> [Spell] { lists[place] }

  mutating func removeAll() {
    for place in lists.indices where !lists[place].isEmpty {
      lists[place].removeAll(keepingCapacity: true)
    }
  }

  /// Adds what a definition is in `since <= t < until`, behind what is there.
  @inline(__always)
  mutating func add(_ place: Int, _ since: Int64, _ until: Int64, _ value: Value) {
    guard since < until, value.isPresent, value != .boolean(false) else { return }
    if let last = lists[place].last, last.until == since, last.value == value {
      lists[place][lists[place].count - 1].until = until
    } else {
      lists[place].append(Spell(since: since, until: until, value: value))
    }
  }
}
