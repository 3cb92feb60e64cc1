import SQLite
import Values

/// The standings of an earlier version, in the tables as they were then.
extension Standings {
  /// Brings what version 5 kept as a row for each profile into blocks.
  ///
  /// What an outcome said of other definitions than those that a run had evaluated nobody relied on until
  /// then. Where it does not speak of those that the snapshot has values for, it is unknown.
  public static func migrateToVersion6(_ connection: Connection) throws {
    try takeOver(connection)
    // Not while a row of anything is being read.
    try connection.execute("DROP TABLE profile_standings")
  }

  private static func takeOver(_ connection: Connection) throws {
    var members = try HeldEpochs(connection)
    let rows = try connection.prepareFresh(
      """
      SELECT profile, next, outcome FROM profile_standings
      UNION ALL
      SELECT DISTINCT profile, NULL, x'' FROM members
        WHERE profile NOT IN (SELECT profile FROM profile_standings)
      ORDER BY profile
      """)
    let add = try connection.prepareFresh(
      "INSERT INTO standings(block, wake, data) VALUES (?, ?, ?)")
    func write(_ block: StandingBlock) throws {
      guard !block.bytes.isEmpty else { return }
      let wake = try block.wake()
      try add.run(
        .init(block.number), wake == .never ? .null : .init(wake.milliseconds), .blob(block.bytes))
    }
    var block = StandingBlock(0)
    while try rows.step() {
      let profile = rows.int(0)
      if StandingBlock.number(of: profile) != block.number {
        try write(block)
        block = StandingBlock(StandingBlock.number(of: profile))
      }
      var standing = Standing(recent: rows)
      let held = try members.held(of: profile)
      if standing.outcome != Standing.unknown {
        var known: Set<Int64> = []
        try OutcomeCoder.forEachPart(of: standing.outcome) { epoch, _ in known.insert(epoch) }
        if held != known.intersection(members.epochs) { standing.outcome = Standing.unknown }
      }
      try block.put(standing, of: profile)
    }
    try write(block)
  }
}

/// The epochs of the definitions that profiles have values of, one profile after the other in their order.
private struct HeldEpochs {
  private struct Walk {
    let epoch: Int64
    let rows: Statement
    /// Whose row is here; nil at the end.
    var profile: Int64?
  }

  let epochs: Set<Int64>
  private var walks: [Walk]

  init(_ connection: Connection) throws {
    let definitions = try connection.prepareFresh(
      "SELECT id, epoch FROM definitions WHERE is_enabled AND NOT is_removed"
    ).all { (id: $0.int(0), epoch: $0.int(1)) }
    epochs = Set(definitions.map(\.epoch))
    walks = try definitions.map { definition in
      let rows = try connection.prepareFresh(
        "SELECT profile FROM members WHERE definition = ? ORDER BY profile")
      try rows.bind(definition.id, at: 1)
      return Walk(
        epoch: definition.epoch, rows: rows, profile: try rows.step() ? rows.int(0) : nil)
    }
  }

  /// Those of a profile behind the last one.
  mutating func held(of profile: Int64) throws -> Set<Int64> {
    var held: Set<Int64> = []
    for place in walks.indices {
      while let here = walks[place].profile, here < profile {
        walks[place].profile = try walks[place].rows.step() ? walks[place].rows.int(0) : nil
      }
      if walks[place].profile == profile { held.insert(walks[place].epoch) }
    }
    return held
  }
}
