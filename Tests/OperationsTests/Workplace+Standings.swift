import Membership
import SQLite

@testable import Operations

extension Workplace {
  /// Where everybody stands, wherever that lies: profile, next change, outcome; and when blocks are looked
  /// at.
  func standings() throws -> [[String]] {
    let connection = try Connection(path: session.storePath, mode: .readOnly)
    var standings = try Standings(connection)
    let found = try Standings.profiles(connection).map { profile in
      let standing = try standings.standing(of: profile)
      return ["\(profile)", "\(standing.next.milliseconds)", "\(standing.outcome)"]
    }
    return try found + rows("SELECT wake, block FROM standing_wakes ORDER BY 1, 2")
  }
}
