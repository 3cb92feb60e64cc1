import Definitions
import Membership
import SQLite
import Values

/// What is known about one definition of one object: what the snapshot holds, and what the
/// destination was told.
struct OwedRow {
  /// What the destination was told of one property.
  struct Told {
    let property: String
    /// The last value that was accepted, as JSON; nil when none was.
    let value: String?
    let isInDoubt: Bool
  }

  /// The object; for one that was known by another identity, the number of that.
  let object: Int64
  let definition: Int64
  /// As it is sent; nil when the user has none.
  let identity: String?
  /// Whether another user is known by the same.
  let isShared: Bool
  let key: String
  let kind: Definition.Kind
  /// Whether the definition is not off: then its values wait as they are.
  let isActive: Bool
  let subject: Definition.Subject
  let recipients: Definition.Recipients
  /// What the snapshot holds of the object itself, as JSON.
  let stored: String?
  /// The value that says as much as never having sent one, as JSON, beside absence.
  let defaultValue: String?
  var told: [Told]

  /// Whether this kind of object gets the values of the definition.
  func isReceived(by kind: ObjectKind) -> Bool {
    switch (subject, kind) {
    case (.users, .user): true
    case (.users, .account): false
    case (.accounts, .user): recipients != .accounts
    case (.accounts, .account): recipients != .users
    case (_, .event): false
    }
  }
}

/// Reads the rows of a part of the outbox, each definition with all that was told of it.
struct OwedRows {
  private let statement: Statement
  /// Whether the statement stands on a row that was not taken yet.
  private var isOnRow: Bool

  /// - Parameter statement: bound, with the columns of `OutboxQuery`.
  init(_ statement: Statement) throws {
    self.statement = statement
    isOnRow = try statement.step()
  }

  /// The next definition of an object; nil at the end.
  mutating func next() throws -> OwedRow? {
    guard isOnRow else { return nil }
    var row = OwedRow(
      object: statement.int(0), definition: statement.int(1), identity: statement.optionalText(2),
      isShared: statement.int(12) != 0, key: statement.text(3),
      kind: Definition.Kind(rawValue: statement.text(4)) ?? .trait,
      isActive: statement.int(6) != 0,
      subject: Definition.Subject(rawValue: statement.text(7)) ?? .users,
      recipients: Definition.Recipients(rawValue: statement.text(8)) ?? .users,
      stored: statement.optionalText(9), defaultValue: statement.optionalText(5), told: [])
    repeat {
      if let property = statement.optionalText(10) {
        row.told.append(
          OwedRow.Told(
            property: property, value: statement.optionalText(11),
            isInDoubt: statement.int(13) != 0))
      }
      isOnRow = try statement.step()
    } while isOnRow && statement.int(0) == row.object && statement.int(1) == row.definition
    return row
  }
}
