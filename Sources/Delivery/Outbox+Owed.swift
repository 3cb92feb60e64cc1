import Definitions
import Membership
import SQLite
import Values

extension Outbox {
  /// Everything that is owed to one object.
  struct Owed {
    let object: Int64
    /// What goes out with others; nil when there is no identity.
    var item: Item?
    /// What goes out alone.
    var suspect: Item?
    /// What cannot be sent.
    var impossible: Item?
    var settled: [Settled] = []
    /// Whether something would be sent, but for the identity.
    var isHeld = false
    var isShared = false
    /// Whether nothing is owed any more, and nothing waits.
    var isFinished = true
  }

  /// Goes over the objects of one part, in order, until `body` returns false.
  func forEachObject(after place: Place, _ body: (Owed) throws -> Bool) throws {
    var rows = try OwedRows(statement(after: place))
    let judge = try Judge(self)
    var owed: Owed?
    while let row = try rows.next() {
      if let done = owed, done.object != row.object {
        if try !body(done) { return }
        owed = nil
      }
      var current = owed ?? Owed(object: row.object)
      try judge.add(row, place.lane, to: &current)
      owed = current
    }
    if let owed { _ = try body(owed) }
  }

  /// Whether something is still to be sent, or waits, of one definition of an object.
  func isOwed(
    _ kind: ObjectKind, _ profile: Int64, _ definition: Int64, _ judge: Judge
  ) throws -> Bool {
    guard let row = try row(kind, profile, definition) else { return false }
    var owed = Owed(object: profile)
    try judge.add(row, kind.lane, to: &owed)
    return !owed.isFinished
  }

  /// What is known about one definition of one object, pending or not; nil when there is no such
  /// object.
  func row(_ kind: ObjectKind, _ profile: Int64, _ definition: Int64) throws -> OwedRow? {
    let trait = kind == .user ? try trait : nil
    let statement = try connection.prepare(OutboxQuery.one(byTrait: trait != nil))
    try statement.bind([
      .init(destination), .init(kind.rawValue), .init(profile), .init(trait), .init(definition),
    ])
    defer { statement.reset() }
    var rows = try OwedRows(statement)
    return try rows.next()
  }

  /// The definition whose value users are known by; nil when they are by their id in the events. A
  /// trait that no run has looked at yet has none, and nobody is known by it.
  var trait: Int64? {
    get throws {
      guard case .trait = definition.identity else { return nil }
      return try connection.prepare("SELECT identity_definition FROM destinations WHERE id = ?")
        .first(.init(destination)) { $0.optionalInt(0) }.flatMap { $0 } ?? -1
    }
  }

  private func statement(after place: Place) throws -> Statement {
    let trait = place.lane == .users ? try trait : nil
    let query =
      place.lane == .formerIdentities
      ? OutboxQuery.former : OutboxQuery.pending(byTrait: trait != nil)
    let statement = try connection.prepareFresh(query)
    var values: [Datum] = [
      .init(destination), .init(place.lane.kind.rawValue), .init(place.object),
    ]
    if let trait { values.append(.init(trait)) }
    try statement.bind(values)
    return statement
  }
}
