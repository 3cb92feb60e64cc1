import Definitions
import Evaluation
import Values

/// What one pass over everybody asks.
struct PopulationTask: Sendable {
  /// Whom the pass is about. Only definitions about them have values in it.
  let subject: Definition.Subject
  /// In dependency order. Places are places among these.
  let definitions: [Definition]
  let names: NameTable
  /// The last event that is taken into account.
  let watermark: Int64
  let now: Instant
  /// Further instants at which members are counted.
  var instants: [Instant] = []
  /// The audiences that are followed into the future, and held against one another, by place.
  var audiences: [Int] = []
  /// The traits whose values are counted, by place.
  var traits: [Int] = []
  /// Conditions of one audience in their order, as definitions of their own.
  var funnel: [Int] = []
  /// The definition whose members are looked at more closely, and how many of them are kept.
  var focus: (place: Int, sampleSize: Int)?
  /// The places of the definitions in the store, by their number there, when the snapshot is compared.
  var compared: [Int64: Int]?
  /// The snapshot's audiences, by number, that the members of the focus are held against.
  var neighbours: Set<Int64> = []

  var includesAnonymous: Bool {
    definitions.contains { $0.isEnabled && $0.includesAnonymous }
  }

  /// Whether users have to be evaluated with their accounts, or accounts with their users.
  var asksAccounts: Bool {
    subject == .accounts
      || definitions.contains { $0.isEnabled && $0.stratum == .usersOfAccounts }
  }

  /// How far audiences are followed.
  var end: Instant { now + Forecast.reach }
}

/// What an evaluation at one instant found of one profile.
struct Sighting {
  var exists = false
  /// The first instant at which that may be another thing.
  var next = Instant.never
  /// The definitions that have a value which is not `false`, ascending, and those values.
  var places: [Int] = []
  var values: [Value] = []

  mutating func clear() {
    exists = false
    next = .never
    places.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
  }

  mutating func add(_ place: Int, _ value: Value) {
    places.append(place)
    values.append(value)
  }

  /// Takes an evaluation of all definitions.
  mutating func take(_ evaluation: Evaluation) {
    clear()
    exists = evaluation.exists
    next = evaluation.next
    for (place, value) in evaluation.values.enumerated()
    where value.isPresent && value != .boolean(false) {
      add(place, value)
    }
  }

  func holds(_ place: Int) -> Bool { places.contains(place) }
}
