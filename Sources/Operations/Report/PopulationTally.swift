import Definitions
import Membership
import Values

/// What a pass over everybody counted. Tallies of parts add up.
struct PopulationTally: Sendable {
  /// Who takes part at the instant.
  private(set) var profiles = 0
  /// Profiles whose future was too long to be followed to its end.
  private(set) var cutShort = 0
  // Of each definition, by place.
  private(set) var members: [Int]
  private(set) var distributions: [Distribution]
  private(set) var differences: [SnapshotDifference]
  /// Of each of the followed audiences.
  private(set) var forecasts: [Forecast]
  private(set) var crossTable: CrossTable
  /// Of each condition of the funnel: who meets it and all those before it.
  private(set) var funnel: [Int]
  /// At each of the further instants, the members of the focus.
  private(set) var sizes: [Int]
  /// The first members of the focus by number, with JSON of their values.
  private(set) var sample: [(profile: Int64, value: String)] = []
  /// Members of the focus that the snapshot's audiences have too, by number.
  private(set) var shared: [Int64: Int] = [:]

  /// The place of each definition among the followed audiences; nil for the others.
  private let audienceOf: [Int?]
  private let isDistributed: [Bool]

  init(_ task: PopulationTask) {
    let count = task.definitions.count
    members = [Int](repeating: 0, count: count)
    distributions = [Distribution](repeating: Distribution(), count: count)
    differences = [SnapshotDifference](repeating: SnapshotDifference(), count: count)
    forecasts = [Forecast](repeating: Forecast(), count: task.audiences.count)
    crossTable = CrossTable(size: task.audiences.count)
    funnel = [Int](repeating: 0, count: task.funnel.count)
    sizes = [Int](repeating: 0, count: task.instants.count)
    var audienceOf = [Int?](repeating: nil, count: count)
    for (audience, place) in task.audiences.enumerated() { audienceOf[place] = audience }
    self.audienceOf = audienceOf
    isDistributed = (0..<count).map(task.traits.contains)
  }

  /// Takes in what a profile is now.
  mutating func add(_ sighting: Sighting, _ task: PopulationTask) {
    guard sighting.exists else { return }
    profiles += 1
    var audiences: [Int] = []
    for (place, value) in zip(sighting.places, sighting.values) {
      members[place] += 1
      if isDistributed[place] { distributions[place].add(value) }
      if let audience = audienceOf[place] { audiences.append(audience) }
    }
    crossTable.add(audiences.sorted())
    for (number, place) in task.funnel.enumerated() {
      guard sighting.holds(place) else { break }
      funnel[number] += 1
    }
  }

  /// Takes in a member of the focus.
  mutating func add(
    memberOfFocus profile: Int64, _ value: Value, sampleSize: Int, neighbours: [Int64]
  ) {
    for definition in neighbours { shared[definition, default: 0] += 1 }
    if sample.count == sampleSize, profile > sample.last?.profile ?? .max { return }
    addToSample(profile, MembershipSnapshot.stored(value) ?? "", sampleSize)
  }

  private mutating func addToSample(_ profile: Int64, _ value: String, _ size: Int) {
    // Almost always behind all others.
    let place = sample.lastIndex { $0.profile < profile }.map { $0 + 1 } ?? 0
    sample.insert((profile, value), at: place)
    if sample.count > size { sample.removeLast() }
  }

  /// Takes in what a profile's first changes are.
  mutating func add(_ foresight: Foresight, _ sighting: Sighting, _ task: PopulationTask) {
    if foresight.isCutShort { cutShort += 1 }
    for change in foresight.changes {
      forecasts[change.audience].add(
        isMember: sighting.holds(task.audiences[change.audience]), after: change.at - task.now)
    }
  }

  /// Takes in that a profile's accounts were not followed to the end.
  mutating func noteCutShort() { cutShort += 1 }

  /// Takes in that somebody is a member of the focus at one of the further instants.
  mutating func add(instant: Int) { sizes[instant] += 1 }

  /// Takes in how the snapshot's row of a profile differs from what the profile is.
  ///
  /// - Parameter rows: definitions by number, with JSON of their values.
  mutating func compare(
    _ rows: [(definition: Int64, value: String)], _ sighting: Sighting, _ task: PopulationTask
  ) {
    var held: [Int: String] = [:]
    for row in rows {
      if let place = task.compared?[row.definition] { held[place] = row.value }
    }
    for (place, value) in zip(sighting.places, sighting.values) {
      let previous = held.removeValue(forKey: place)
      if previous != MembershipSnapshot.stored(value) {
        differences[place].add(task.definitions[place].kind, isNew: previous == nil)
      }
    }
    for place in held.keys { differences[place].addGone(task.definitions[place].kind) }
  }

  /// Takes in another part's.
  mutating func add(_ other: PopulationTally, sampleSize: Int) {
    profiles += other.profiles
    cutShort += other.cutShort
    for place in members.indices {
      members[place] += other.members[place]
      distributions[place].add(other.distributions[place])
      differences[place].add(other.differences[place])
    }
    for place in forecasts.indices { forecasts[place].add(other.forecasts[place]) }
    crossTable.add(other.crossTable)
    for place in funnel.indices { funnel[place] += other.funnel[place] }
    for place in sizes.indices { sizes[place] += other.sizes[place] }
    shared.merge(other.shared, uniquingKeysWith: +)
    for (profile, value) in other.sample { addToSample(profile, value, sampleSize) }
  }
}
