import SQLite

/// What the snapshot holds of one profile after another, for each of its definitions.
///
/// The table goes by definition, so a cursor for each of them goes along with the profiles. That is fast
/// where these are asked for in their order; where they go back, or far ahead, the cursors are set anew.
public final class SnapshotRows {
  /// So many rows are passed before a cursor is set anew.
  private static let longestWay = 16

  private struct Walk {
    let definition: Int64
    let rows: Statement
    /// Whose row is here; nil at the end.
    var profile: Int64?
  }

  private var walks: [Walk]
  /// Who was asked for before: the cursors stand there or behind it.
  private var last = Int64.max

  public init(_ connection: Connection) throws {
    walks = try connection.prepare("SELECT id FROM definitions ORDER BY id").all { $0.int(0) }
      .map { definition in
        Walk(
          definition: definition,
          rows: try connection.prepareFresh(
            """
            SELECT profile, value FROM members
            WHERE definition = ? AND profile >= ? ORDER BY profile
            """))
      }
  }

  /// Calls `body` with each definition that the profile has a value for, and the JSON of it.
  public func forEach(
    of profile: Int64, _ body: (_ definition: Int64, _ value: String) throws -> Void
  ) throws {
    let goesBack = profile < last
    last = profile
    for place in walks.indices {
      if goesBack {
        try seek(profile, place)
      } else {
        try goOn(to: profile, place)
      }
      if walks[place].profile == profile {
        try body(walks[place].definition, walks[place].rows.text(1))
      }
    }
  }

  private func goOn(to profile: Int64, _ place: Int) throws {
    var way = 0
    while let here = walks[place].profile, here < profile {
      way += 1
      if way > Self.longestWay { return try seek(profile, place) }
      try step(place)
    }
  }

  private func seek(_ profile: Int64, _ place: Int) throws {
    walks[place].rows.reset()
    try walks[place].rows.bind([.init(walks[place].definition), .init(profile)])
    try step(place)
  }

  private func step(_ place: Int) throws {
    walks[place].profile = try walks[place].rows.step() ? walks[place].rows.int(0) : nil
  }
}
