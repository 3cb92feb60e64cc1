import Definitions
import SQLite

/// The definitions that the store knows, held against those of the folder.
public struct DefinitionRegistry {
  /// What became of a definition since the last run.
  public enum Change: String, Sendable {
    case unchanged
    /// Not known before, or removed earlier and back again.
    case added
    /// The query asks for something else.
    case edited
    case enabled
    case disabled
    /// No longer in the folder: its values are taken away.
    case removed
  }

  /// A definition with its number in the store.
  public struct Entry: Sendable {
    public let id: Int64
    public let key: String
    public let kind: Definition.Kind
    public let isEnabled: Bool
    public let change: Change
    /// A number that is given anew when the definition is new, edited, or back again.
    public let epoch: Int64
    /// Whom it is about, and who gets its values.
    public var subject = Definition.Subject.users
    public var recipients = Definition.Recipients.users
    /// Whether others got its values until now.
    public var hasNewRecipients = false
    /// Whether its value is what destinations know a user by, and no property.
    public var isIdentity = false
    /// How many members, or present values, the snapshot holds.
    public internal(set) var members: Int
  }

  private struct Row {
    let id: Int64
    let key: String
    let kind: Definition.Kind
    let query: String
    let isEnabled: Bool
    let isRemoved: Bool
    let members: Int
    let epoch: Int64
    let subject: Definition.Subject
    let recipients: Definition.Recipients
    let isIdentity: Bool
  }

  private let connection: Connection

  public init(_ connection: Connection) { self.connection = connection }

  /// Stores the folder's definitions. Returns an entry for each, in their order, and behind them
  /// one for each definition that was removed since the last run.
  public func update(_ definitions: [Definition]) throws -> [Entry] {
    var known: [String: Row] = [:]
    for row in try rows() { known[row.key] = row }
    var lastEpoch = known.values.map(\.epoch).max() ?? 0
    var entries: [Entry] = []
    for definition in definitions {
      let row = known.removeValue(forKey: definition.key)
      entries.append(try store(definition, row, &lastEpoch))
    }
    for row in known.values.sorted(by: { $0.key < $1.key }) where !row.isRemoved {
      try connection.run("UPDATE definitions SET is_removed = 1 WHERE id = ?", .init(row.id))
      entries.append(
        Entry(
          id: row.id, key: row.key, kind: row.kind, isEnabled: row.isEnabled, change: .removed,
          epoch: row.epoch, subject: row.subject, recipients: row.recipients,
          isIdentity: row.isIdentity, members: row.members))
    }
    return entries
  }

  /// The epochs that definitions have in the store, in their order; nil for one that is off, or that the
  /// store does not know. Writes nothing: `update` may give others.
  public func epochs(_ definitions: [Definition]) throws -> [Int64?] {
    let rows = try rows().filter { !$0.isRemoved }
    let known = Dictionary(uniqueKeysWithValues: rows.map { ($0.key, $0.epoch) })
    return definitions.map { $0.isEnabled ? known[$0.key] : nil }
  }

  private func store(
    _ definition: Definition, _ row: Row?, _ lastEpoch: inout Int64
  ) throws -> Entry {
    let text = definition.canonicalText
    let change: Change
    let id: Int64
    var epoch = row?.epoch ?? 0
    if let row {
      id = row.id
      change =
        if row.isRemoved { .added } else if row.isEnabled != definition.isEnabled {
          definition.isEnabled ? .enabled : .disabled
        } else if row.query != text && definition.isEnabled { .edited } else { .unchanged }
      if [.added, .enabled, .edited].contains(change) {
        lastEpoch += 1
        epoch = lastEpoch
      }
      try connection.run(
        """
        UPDATE definitions
        SET kind = ?, name = ?, query = ?, default_value = ?, is_enabled = ?, is_removed = 0,
          epoch = ?, subject = ?, recipients = ?
        WHERE id = ?
        """,
        .init(definition.kind.rawValue), .init(definition.name), .init(text),
        .init(definition.isCount ? "0" : nil), .init(definition.isEnabled), .init(epoch),
        .init(definition.subject.rawValue), .init(definition.recipients.rawValue), .init(id))
    } else {
      change = .added
      lastEpoch += 1
      epoch = lastEpoch
      try connection.run(
        """
        INSERT INTO definitions(
          key, kind, name, query, default_value, is_enabled, epoch, subject, recipients, is_identity)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        .init(definition.key), .init(definition.kind.rawValue), .init(definition.name),
        .init(text), .init(definition.isCount ? "0" : nil),
        .init(definition.isEnabled), .init(epoch), .init(definition.subject.rawValue),
        .init(definition.recipients.rawValue), .init(definition.isIdentity))
      id = connection.lastInsertedRow
    }
    return Entry(
      id: id, key: definition.key, kind: definition.kind, isEnabled: definition.isEnabled,
      change: change, epoch: epoch, subject: definition.subject,
      recipients: definition.recipients,
      hasNewRecipients: row.map {
        $0.recipients != definition.recipients || $0.subject != definition.subject
      } ?? false,
      isIdentity: definition.isIdentity, members: row?.members ?? 0)
  }

  private func rows() throws -> [Row] {
    try connection.prepare(
      """
      SELECT id, key, kind, query, is_enabled, is_removed, members, epoch, subject, recipients,
        is_identity
      FROM definitions
      """
    ).all { row in
      Row(
        id: row.int(0), key: row.text(1), kind: Definition.Kind(rawValue: row.text(2)) ?? .audience,
        query: row.text(3), isEnabled: row.int(4) != 0, isRemoved: row.int(5) != 0,
        members: Int(row.int(6)), epoch: row.int(7),
        subject: Definition.Subject(rawValue: row.text(8)) ?? .users,
        recipients: Definition.Recipients(rawValue: row.text(9)) ?? .users,
        isIdentity: row.int(10) != 0)
    }
  }
}
