import Values

/// A checked `.sql` file: a SELECT whose rows are told to destinations as users, accounts or events.
///
/// Of the SELECT itself only the text is known here: what it gives is checked where there is SQLite.
public struct ModelDefinition: Sendable {
  /// What a row is about.
  public enum Object: String, Sendable, CaseIterable { case user, account, event }

  /// Which events are sent when a destination meets the model.
  public enum Backfill: String, Sendable, CaseIterable {
    case all
    /// Those that the model gives later on.
    case fromNow = "from_now"
  }

  /// A column that the front matter names, with its place.
  public struct Column: Sendable {
    public let name: String
    let range: SourceRange
  }

  public enum EventName: Sendable {
    case fixed(String)
    case column(Column)
  }

  /// A column that is sent, and the property that it becomes.
  public struct Mapping: Sendable {
    public let column: String
    public let property: String
    let range: SourceRange
  }

  /// Unique among models and definitions. What was sent is known by it.
  public let key: String
  public let name: String
  public let description: String
  /// A model that is off is not run, and nothing of it is sent.
  public let isEnabled: Bool
  public let object: Object
  /// The column with the user's identity, or the account's id.
  public let identity: Column
  /// Of events: their name.
  public let eventName: EventName?
  /// Of events: the column with their time; without one, it is that of their arrival.
  public let timestamp: Column?
  /// Of events: the column that tells them apart, for ever.
  public let insertID: Column?
  /// What is sent; nil for all columns that have no other part.
  public let mappings: [Mapping]?
  public let backfill: Backfill
  /// How long the SELECT may take.
  public let timeLimit: Duration
  /// The SELECT, and the place of its first byte.
  public let sql: String
  let sqlStart: Int
  public let source: SourceText
  let keyRange: SourceRange

  /// The columns that say whose, when and which.
  var parts: [Column] {
    var parts = [identity]
    if case .column(let column) = eventName { parts.append(column) }
    return parts + [timestamp, insertID].compactMap { $0 }
  }

  /// What is sent of a SELECT that gives these columns.
  public func mappings(of columns: [String]) -> [Mapping] {
    if let mappings { return mappings }
    let parts = Set(parts.map(\.name))
    return columns.filter { !parts.contains($0) }.map {
      Mapping(column: $0, property: $0, range: keyRange)
    }
  }
}
