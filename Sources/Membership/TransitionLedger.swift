import SQLite

/// The entries and exits that one destination was told, or is owed. What writes runs inside a write
/// transaction.
public struct TransitionLedger {
  /// What is known of one user, by definition, in the order of time.
  public struct Account {
    public fileprivate(set) var known: [Int64: [TransitionRevision.Known]] = [:]
    /// In how many entries and exits the past is another one than was told, by definition.
    public fileprivate(set) var corrections: [Int64: Int] = [:]
  }

  private let destination: Datum
  private let read: Statement
  private let readCorrections: Statement
  private let insert: Statement
  private let erase: Statement
  private let correct: Statement
  private let settle: Statement

  public init(_ connection: Connection, destination: Int64) throws {
    self.destination = .init(destination)
    read = try connection.prepareFresh(
      """
      SELECT definition, instant, is_entry, ordinal, state = 'owed' AND NOT in_doubt
      FROM audience_events WHERE destination = ? AND profile = ? ORDER BY definition, instant
      """)
    readCorrections = try connection.prepareFresh(
      "SELECT definition, count FROM event_corrections WHERE destination = ? AND profile = ?")
    insert = try connection.prepareFresh(
      """
      INSERT INTO audience_events(destination, profile, definition, instant, is_entry, ordinal)
      VALUES (?, ?, ?, ?, ?, ?)
      """)
    erase = try connection.prepareFresh(
      """
      DELETE FROM audience_events
      WHERE destination = ? AND profile = ? AND definition = ? AND instant = ?
      """)
    correct = try connection.prepareFresh(
      """
      INSERT INTO event_corrections(destination, profile, definition, count) VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET count = excluded.count
      """)
    settle = try connection.prepareFresh(
      """
      DELETE FROM event_corrections WHERE destination = ? AND profile = ? AND definition = ?
      """)
  }

  public func account(of profile: Int64) throws -> Account {
    var account = Account()
    try read.forEach(destination, .init(profile)) { row in
      account.known[row.int(0), default: []].append(
        TransitionRevision.Known(
          AudienceTransition(
            instant: row.int(1), isEntry: row.int(2) != 0, ordinal: Int(row.int(3))),
          isDraft: row.int(4) != 0))
    }
    try readCorrections.forEach(destination, .init(profile)) { row in
      account.corrections[row.int(0)] = Int(row.int(1))
    }
    return account
  }

  /// Takes a revision in. An ordinal that was used for another instant before, under another query or
  /// another past, is not used again: the next free one is.
  public func apply(
    _ revision: TransitionRevision, _ definition: Int64, of profile: Int64, _ account: Account
  ) throws {
    for transition in revision.withdrawn {
      try erase.run(
        destination, .init(profile), .init(definition), .init(transition.instant))
    }
    guard !revision.added.isEmpty else { return }
    let kept = (account.known[definition] ?? []).map(\.transition)
      .filter { !revision.withdrawn.contains($0) }
    var taken = [false: Set<Int>(), true: Set<Int>()]
    for transition in kept { taken[transition.isEntry]?.insert(transition.ordinal) }
    for transition in revision.added {
      var ordinal = transition.ordinal
      while taken[transition.isEntry]?.contains(ordinal) == true { ordinal += 1 }
      taken[transition.isEntry]?.insert(ordinal)
      try insert.run(
        destination, .init(profile), .init(definition), .init(transition.instant),
        .init(transition.isEntry), .init(ordinal))
    }
  }

  /// Notes in how many entries and exits a user's past is another one than was told.
  public func note(corrections count: Int, _ definition: Int64, of profile: Int64) throws {
    if count == 0 {
      try settle.run(destination, .init(profile), .init(definition))
    } else {
      try correct.run(destination, .init(profile), .init(definition), .init(count))
    }
  }

  /// In how many entries and exits the past is another one than a destination was told.
  public static func corrections(
    _ connection: Connection, destination: Int64
  ) throws -> Int {
    try connection.prepare("SELECT total(count) FROM event_corrections WHERE destination = ?")
      .first(.init(destination)) { Int($0.int(0)) } ?? 0
  }
}
