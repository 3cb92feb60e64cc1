import SQLite
import Values

/// Reads and writes `spells`. What writes runs inside a write transaction.
public struct SpellTable {
  /// A batch of profiles.
  public enum Profiles: Sendable {
    case range(ClosedRange<Int64>)
    /// In their order.
    case list([Int64])
  }

  /// One definition of a backfill.
  public struct Target: Sendable {
    public let definition: Int64
    /// The stretches of the range that were computed before, of the same query.
    public let known: [Range<Int64>]
    /// Whether all that is there is replaced, inside the range and outside of it.
    public let isAnew: Bool

    public init(definition: Int64, known: [Range<Int64>], isAnew: Bool) {
      self.definition = definition
      self.known = known
      self.isAnew = isAnew
    }
  }

  private let ofRange: Statement
  private let ofProfile: Statement
  private let write: Statement
  private let erase: Statement
  private let range: Range<Int64>

  /// - Parameter range: what is computed.
  public init(_ connection: Connection, _ range: Range<Int64>) throws {
    self.range = range
    let columns = "SELECT profile, since, until, value FROM spells WHERE definition = ?"
    ofRange = try connection.prepareFresh(
      columns + " AND profile BETWEEN ? AND ? ORDER BY profile, since")
    ofProfile = try connection.prepareFresh(columns + " AND profile = ? ORDER BY since")
    write = try connection.prepareFresh(
      """
      INSERT INTO spells(definition, profile, since, until, value) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET until = excluded.until, value = excluded.value
      """)
    erase = try connection.prepareFresh(
      "DELETE FROM spells WHERE definition = ? AND profile = ? AND since = ?")
  }

  /// Puts the spells of some profiles in place of those that are there; only rows that differ are written.
  ///
  /// - Parameter new: in the order of profile and time, all inside the range.
  /// - Returns: how the past changed.
  public func replace(
    _ target: Target, _ profiles: Profiles, with new: [StoredSpell]
  ) throws -> SpellChanges {
    var changes = SpellChanges()
    let old = try stored(target.definition, profiles)
    write.reset()
    try write.bind(target.definition, at: 1)
    var value = ""
    var (a, b) = (0, 0)
    while a < old.count || b < new.count {
      let profile = min(
        a < old.count ? old[a].profile : .max, b < new.count ? new[b].profile : .max)
      let (firstOld, firstNew) = (a, b)
      while a < old.count, old[a].profile == profile { a += 1 }
      while b < new.count, new[b].profile == profile { b += 1 }
      if firstOld == a, target.known.isEmpty {
        for spell in new[firstNew..<b] { try store(spell, &value) }
        continue
      }
      let (known, found) = (Array(old[firstOld..<a]), Array(new[firstNew..<b]))
      changes += SpellRevision.changes(from: known, to: found, in: target.known)
      let revised = target.isAnew ? found : SpellRevision.revise(known, with: found, in: range)
      try settle(target.definition, known, revised, &value)
    }
    return changes
  }

  private func settle(
    _ definition: Int64, _ old: [StoredSpell], _ new: [StoredSpell], _ value: inout String
  ) throws {
    var a = 0
    for spell in new {
      while a < old.count, old[a].since < spell.since {
        try remove(definition, old[a])
        a += 1
      }
      if a < old.count, old[a].since == spell.since {
        if old[a] != spell { try store(spell, &value) }
        a += 1
      } else {
        try store(spell, &value)
      }
    }
    for spell in old[a...] { try remove(definition, spell) }
  }

  private func stored(_ definition: Int64, _ profiles: Profiles) throws -> [StoredSpell] {
    func read(_ row: Statement) -> StoredSpell {
      StoredSpell(
        profile: row.int(0), since: row.int(1), until: row.int(2), value: row.text(3))
    }
    switch profiles {
    case .range(let range):
      return try ofRange.all(
        .init(definition), .init(range.lowerBound), .init(range.upperBound), read: read)
    case .list(let list):
      return try list.flatMap { try ofProfile.all(.init(definition), .init($0), read: read) }
    }
  }

  /// - Parameter value: the value that is bound.
  private func store(_ spell: StoredSpell, _ value: inout String) throws {
    try write.bind(spell.profile, at: 2)
    try write.bind(spell.since, at: 3)
    try write.bind(spell.until, at: 4)
    if !value.isExactly(spell.value) || value.isEmpty {
      try write.bind(.text(spell.value), at: 5)
      value = spell.value
    }
    defer { write.rewind() }
    while try write.step() {}
  }

  private func remove(_ definition: Int64, _ spell: StoredSpell) throws {
    try erase.run(.init(definition), .init(spell.profile), .init(spell.since))
  }
}
