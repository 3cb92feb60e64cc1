import Definitions
import Delivery
import EventStore
import Foundation
import Membership
import SQLite
import Testing
import Values

@testable import Models

/// A store in memory, and models to run over it.
struct Bench {
  let connection: Connection

  init(_ setup: String = "") throws {
    connection = try Connection(path: ":memory:", mode: .create)
    for script in [
      EventStoreSchema.version1, MembershipSchema.version1, EventStoreSchema.messagesVersion2,
      EventStoreSchema.historiesVersion2, MembershipSchema.version2,
      EventStoreSchema.affiliationsVersion3, DeliverySchema.version3,
      EventStoreSchema.canonicalVersion3, ModelSchema.version3, MembershipSchema.wakesVersion5,
      MembershipSchema.blocksVersion6, MembershipSchema.recentVersion8,
      MembershipSchema.latestVersion9, setup,
    ] { try connection.execute(script) }
  }

  /// A model with this SELECT.
  static func model(
    _ sql: String, _ front: String = "object: user\nidentity: id", name: String = "m"
  ) throws -> ModelDefinition {
    let text = "---\n\(front)\n---\n\(sql)\n"
    let project = Project(
      files: [.init(name: name + ".sql", path: name + ".sql", contents: Array(text.utf8))],
      folder: ".")
    return try #require(project.models.first, "\(project.diagnostics.map(\.rendered))")
  }

  static let event = """
    object: event
    identity: id
    insert_id: n
    event_column: e
    timestamp_column: t
    """

  func rows(
    _ sql: String, _ front: String = "object: user\nidentity: id",
    at now: Instant = Instant(milliseconds: 1_000)
  ) throws -> ModelRows {
    try ModelRows(ModelQuery(Self.model(sql, front)), connection, at: now)
  }

  /// Why a SELECT gives nothing.
  func failure(_ sql: String) throws -> ModelFailure? {
    let query = ModelQuery(try Self.model(sql))
    do throws(ModelFailure) {
      _ = try ModelRows(query, connection, at: Instant(milliseconds: 0))
      return nil
    } catch {
      return error
    }
  }

  func list(_ sql: String) throws -> [String] {
    try connection.prepareFresh(sql).all { row in
      (0..<row.columnCount).map { row.optionalText($0) ?? "NULL" }.joined(separator: " ")
    }
  }
}
