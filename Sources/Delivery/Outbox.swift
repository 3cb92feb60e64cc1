import Definitions
import Membership
import SQLite
import Values

/// What one destination is owed: the difference between the snapshot and what it acknowledged.
///
/// Reading it changes nothing, so that a plan and a send see the same.
public struct Outbox {
  /// One object with all its properties that changed.
  public struct Item: Sendable {
    public let kind: ObjectKind
    /// The object; 0 for an identity that is nobody's any more.
    public let profile: Int64
    public let identity: String
    public internal(set) var properties: [Property]
    /// Of events alone.
    public internal(set) var event: EventCall? = nil
  }

  public struct Property: Sendable {
    public let definition: Int64
    /// The property's name.
    public let key: String
    /// Encoded.
    public let value: Value
    /// Whether an earlier request with a value for it got no definite answer.
    public let wasInDoubt: Bool
    /// The last value that was accepted, encoded; nil for none.
    var acknowledged: String?
    var kind = Definition.Kind.trait
    /// The value that counts as never sent, as JSON; nil for none.
    var standard: String?
    /// Whether its text was cut to the limit.
    public var isShortened = false
    /// Why it cannot be sent; nil when it can.
    public var problem: String?
    /// Whether another value of it was refused.
    public var wasRefused = false
  }

  /// A part of the outbox, up to a limit: objects of one kind.
  public struct Batch: Sendable {
    public let kind: ObjectKind
    public internal(set) var items: [Item] = []
    /// Items of properties that were refused with another value: each is sent alone.
    public internal(set) var suspects: [Item] = []
    /// Rows that need no call: nothing differs any more, or nothing was ever to be said.
    public internal(set) var settled: [Settled] = []
    /// Properties that cannot be sent at all, each with its problem.
    public internal(set) var impossible: [Item] = []
    /// Former identities that are owed nothing any more.
    public internal(set) var finished: [Int64] = []
    /// What it has of values, and who is held because of the identity.
    public internal(set) var census = Census()
    /// Where the next batch begins; nil at the end.
    public internal(set) var end: Place?

    /// How many requests it takes when each is accepted.
    public var requestCount: Int { (items.isEmpty ? 0 : 1) + suspects.count }
  }

  /// A row that needs no call.
  public struct Settled: Sendable {
    public let profile: Int64
    public let definition: Int64
    public let identity: String
    /// Whether a value to send is still the one that was refused.
    public let isQuarantined: Bool
  }

  /// A place in the outbox: behind an object of one of its parts.
  public struct Place: Sendable, Equatable {
    /// The parts, in the order in which they are sent.
    public enum Lane: Int, Sendable, CaseIterable {
      /// Users, with what is pending.
      case users
      /// Identities that users had, and nobody has now.
      case formerIdentities
      case accounts

      var kind: ObjectKind { self == .accounts ? .account : .user }
    }

    public let lane: Lane
    public let object: Int64

    public init(lane: Lane, object: Int64) {
      self.lane = lane
      self.object = object
    }

    public static let start = Place(lane: .users, object: .min)

    /// The beginning of the next part; nil behind the last.
    var next: Place? {
      Lane(rawValue: lane.rawValue + 1).map { Place(lane: $0, object: .min) }
    }
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

  /// How much there is to send.
  public struct Census: Sendable, Equatable {
    /// Values: the properties of all items.
    public internal(set) var values = 0
    /// Users who would be told something and have no identity.
    public internal(set) var withoutIdentity = 0
    /// Users who would be told something and share their identity with another.
    public internal(set) var sharedIdentity = 0

    mutating func add(_ owed: Owed) {
      values += owed.item?.properties.count ?? 0
      values += owed.suspect?.properties.count ?? 0
      guard owed.isHeld else { return }
      if owed.isShared { sharedIdentity += 1 } else { withoutIdentity += 1 }
    }
  }

  let connection: Connection
  let destination: Int64
  let definition: DestinationDefinition
  private let format: RequestFormat
  public var limits: Limits
  /// Whether values that were refused are sent once more as they are.
  public var retriesQuarantined = false

  public init(
    _ connection: Connection, _ state: DestinationState, _ definition: DestinationDefinition,
    limits: Limits = Limits()
  ) {
    self.connection = connection
    destination = state.id
    self.definition = definition
    format = RequestFormat(definition)
    self.limits = limits
  }

  /// The next batch behind a place: objects of one part of the outbox, perhaps none.
  public func batch(after place: Place = .start) throws -> Batch {
    var batch = Batch(kind: place.lane.kind)
    batch.end = place.next
    var room = RequestRoom(batch.kind, format, limits)
    var last = place.object
    try forEachObject(after: place) { owed in
      guard batch.settled.count + batch.finished.count < limits.settled else {
        batch.end = Place(lane: place.lane, object: last)
        return false
      }
      if let item = owed.item, !item.properties.isEmpty {
        guard room.takes(item) else {
          batch.end = Place(lane: place.lane, object: last)
          return false
        }
        batch.items.append(item)
      }
      batch.suspects += owed.suspect.map { [$0] } ?? []
      batch.impossible += owed.impossible.map { [$0] } ?? []
      batch.settled += owed.settled
      batch.census.add(owed)
      if place.lane == .formerIdentities, owed.isFinished { batch.finished.append(owed.object) }
      last = owed.object
      return batch.suspects.count < limits.items
    }
    if batch.suspects.count >= limits.items {
      batch.end = Place(lane: place.lane, object: last)
    }
    return batch
  }

  /// How many rows may differ: a bound of what is to be sent where no value is an object.
  public func rowCount() throws -> Int {
    try connection.prepare("SELECT count(*) FROM pending WHERE destination = ?")
      .first(.init(destination)) { Int($0.int(0)) } ?? 0
  }

  /// How many values are to be sent: the properties of all items, those that the guard holds included.
  public func count() throws -> Int { try census().values }

  /// How much is to be sent, held by the guard or not, and who is held because of the identity.
  public func census() throws -> Census {
    var census = Census()
    for lane in Place.Lane.allCases {
      try forEachObject(after: Place(lane: lane, object: .min), includesHeld: true) { owed in
        census.add(owed)
        return true
      }
    }
    return census
  }
}
