import Definitions
import SQLite

/// The audiences of the snapshot, beside one definition.
struct Neighbourhood {
  let audiences: [Int64: (key: String, members: Int)]

  /// - Parameter definition: has no neighbours when it is a trait.
  init(_ connection: Connection, of definition: Definition) throws {
    guard definition.kind == .audience else {
      audiences = [:]
      return
    }
    let rows = try connection.prepare(
      """
      SELECT id, key, members FROM definitions
      WHERE kind = 'audience' AND NOT is_removed AND NOT is_identity AND members > 0
        AND subject = ? AND key <> ?
      """
    ).all(.init(definition.subject.rawValue), .init(definition.key)) {
      ($0.int(0), (key: $0.text(1), members: Int($0.int(2))))
    }
    audiences = Dictionary(uniqueKeysWithValues: rows)
  }

  /// Those with the largest part of both in common.
  ///
  /// - Parameter shared: how many members each has in common with the definition.
  func nearest(_ limit: Int, size: Int, shared: [Int64: Int]) -> [PreviewReport.Neighbour] {
    shared.compactMap { id, common in
      audiences[id].map { audience in
        PreviewReport.Neighbour(
          key: audience.key, members: audience.members, common: common,
          share: Double(common) / Double(max(1, size)))
      }
    }.sorted { a, b in
      // Common ones of all in either: the two products stand for two quotients.
      let left = a.common * (size + b.members - b.common)
      let right = b.common * (size + a.members - a.common)
      return left != right ? left > right : a.key < b.key
    }.prefix(limit).map(\.self)
  }
}
