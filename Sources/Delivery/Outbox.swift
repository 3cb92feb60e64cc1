import Definitions
import Membership
import SQLite
import Values

/// What one destination is owed: the difference between the snapshot and what it acknowledged.
///
/// Reading it changes nothing, so that a plan and a send see the same.
public struct Outbox {
  /// One user with all its values that changed.
  public struct Item: Sendable {
    public let profile: Int64
    public let identity: String
    public internal(set) var properties: [Property]
  }

  public struct Property: Sendable {
    public let definition: Int64
    public let key: String
    /// Encoded.
    public let value: Value
    /// Whether an earlier request with a value for it got no definite answer.
    public let wasInDoubt: Bool
    /// The last value that was accepted, encoded; nil for none.
    let acknowledged: String?
    let kind: Definition.Kind
    /// The value that counts as never sent, as JSON; nil for none.
    let standard: String?
  }

  /// A part of the outbox, up to a limit.
  public struct Batch: Sendable {
    public internal(set) var items: [Item] = []
    /// Rows that need no call: nothing differs any more, or nothing was ever to be said.
    public internal(set) var settled: [Settled] = []
    /// Rows that cannot be sent at all.
    public internal(set) var impossible: [(item: Item, reason: String)] = []
    /// Where the next batch begins: the last profile that this one covers; nil at the end.
    public internal(set) var end: Int64?

    public var propertyCount: Int { items.reduce(0) { $0 + $1.properties.count } }
  }

  /// A row that needs no call.
  public struct Settled: Sendable {
    public let profile: Int64
    public let definition: Int64
    /// Whether the value to send is still the one that was refused.
    public let isQuarantined: Bool
  }

  /// What a request may hold.
  public struct Limits: Sendable {
    public var items = 1000
    /// Bytes of the body.
    public var bytes = 1 << 20
    /// Rows that need no call and are cleared together with the batch, about.
    public var settled = 50_000

    public init() {}
  }

  private let connection: Connection
  private let destination: Int64
  private let encoder: PropertyEncoder
  private let format: RequestFormat
  public var limits: Limits

  public init(
    _ connection: Connection, _ state: DestinationState, _ definition: DestinationDefinition,
    limits: Limits = Limits()
  ) {
    self.connection = connection
    destination = state.id
    encoder = PropertyEncoder(definition)
    format = RequestFormat(definition)
    self.limits = limits
  }

  /// The next batch behind a profile.
  public func batch(after profile: Int64) throws -> Batch {
    var batch = Batch()
    var bytes = format.envelopeSize
    var last = profile
    try forEachProfile(after: profile) { owed in
      guard batch.settled.count < limits.settled else {
        batch.end = last
        return false
      }
      let item = owed.item
      if item.properties.isEmpty {
        // Nothing to say; the row may still have to be cleared.
      } else if let problem = PropertyEncoder.problem(withIdentity: item.identity) {
        batch.impossible.append((item, problem))
      } else {
        let size = format.item(item).utf8.count + 1
        let fits = batch.items.count < limits.items && bytes + size <= limits.bytes
        guard fits || batch.items.isEmpty else {
          batch.end = last
          return false
        }
        batch.items.append(item)
        bytes += size
      }
      batch.settled += owed.settled
      last = item.profile
      return true
    }
    return batch
  }

  /// How many values are to be sent, those that are held included.
  public func count() throws -> Int {
    var count = 0
    try forEachProfile(after: .min, includesHeld: true) { owed in
      count += owed.item.properties.count
      return true
    }
    return count
  }

  /// Everything that is owed to one profile.
  struct Owed {
    var item: Item
    var settled: [Settled] = []
  }

  /// Goes over the profiles with pending rows, in order, until `body` returns false.
  ///
  /// - Parameter includesHeld: whether definitions that the guard holds are looked at too.
  func forEachProfile(
    after profile: Int64, includesHeld: Bool = false, _ body: (Owed) throws -> Bool
  ) throws {
    let unheld = """
      AND p.definition NOT IN (
        SELECT definition FROM guards WHERE destination = ?1 AND reason IS NOT NULL)
      """
    let statement = try connection.prepareFresh(
      """
      SELECT p.profile, p.definition, i.external_id, d.key, d.kind, d.default_value,
        d.is_enabled OR d.is_removed, m.value, a.identity IS NOT NULL, a.value, a.in_doubt, q.value
      FROM pending AS p
        JOIN definitions AS d ON d.id = p.definition
        JOIN identities AS i ON i.id = p.profile
        LEFT JOIN members AS m ON m.profile = p.profile AND m.definition = p.definition
        LEFT JOIN acknowledged AS a ON a.destination = p.destination
          AND a.identity = i.external_id AND a.definition = p.definition
        LEFT JOIN quarantine AS q ON q.destination = p.destination
          AND q.profile = p.profile AND q.definition = p.definition
      WHERE p.destination = ?1 AND p.profile > ?2 \(includesHeld ? "" : unheld)
      ORDER BY p.profile, p.definition
      """)
    try statement.bind([.init(destination), .init(profile)])
    var owed: Owed?
    func finished() -> Owed? {
      owed?.item.properties.sort { $0.key.precedesByScalars($1.key) }
      return owed
    }
    while try statement.step() {
      let current = statement.int(0)
      if current != owed?.item.profile {
        if let finished = finished(), try !body(finished) { return }
        owed = Owed(
          item: Item(profile: current, identity: statement.text(2), properties: []))
      }
      let verdict = try verdict(statement)
      switch verdict {
      case .send(let value):
        owed?.item.properties.append(
          Property(
            definition: statement.int(1), key: statement.text(3), value: value,
            wasInDoubt: statement.int(10) != 0, acknowledged: statement.optionalText(9),
            kind: Definition.Kind(rawValue: statement.text(4)) ?? .audience,
            standard: statement.optionalText(5)))
      case .settled, .quarantined:
        owed?.settled.append(
          Settled(
            profile: current, definition: statement.int(1), isQuarantined: verdict == .quarantined))
      case .frozen: break
      }
    }
    if let finished = finished() { _ = try body(finished) }
  }

  private enum Verdict: Equatable {
    case send(Value)
    /// Nothing differs, or nothing was ever to be said.
    case settled
    /// It is the value that was refused.
    case quarantined
    /// The definition is off: its values wait as they are.
    case frozen
  }

  private func verdict(_ row: Statement) throws(SQLiteError) -> Verdict {
    guard row.int(6) != 0 else { return .frozen }
    let kind = Definition.Kind(rawValue: row.text(4)) ?? .audience
    let stored = row.optionalText(7)
    let wasAttempted = row.int(8) != 0
    let isDefault = stored == nil || stored == row.optionalText(5)
    if !wasAttempted, isDefault { return .settled }
    let held: Value? = if let stored { try MembershipSnapshot.value(stored) } else { nil }
    guard let value = encoder.encode(held, kind) else { return .settled }
    let isInDoubt = row.int(10) != 0
    if !isInDoubt, row.optionalText(9) == value.json { return .settled }
    if !isInDoubt, row.optionalText(11) == value.json { return .quarantined }
    return .send(value)
  }
}
