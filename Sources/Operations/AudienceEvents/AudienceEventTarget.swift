import Definitions
import Delivery
import Foundation
import Membership
import SQLite
import Values

/// An audience of which a destination is told the entries and exits.
struct AudienceEventTarget {
  /// The place of the destination among those of the call.
  let place: Int
  let destination: Int64
  /// The number of the audience in the store, and its place among the definitions.
  let definition: Int64
  let definitionPlace: Int
  let key: String
  let fingerprint: String
  /// In the order of time.
  let stretches: [EventRanges.Stretch]

  /// The stretch that the runs go on with; nil when no run has begun one.
  var live: EventRanges.Stretch? { stretches.last { $0.run != nil } }

  /// The stretches of the query as it is now that a profile is told of. The one that the runs go on with
  /// has no end.
  func told(_ profile: Int64) -> [Range<Int64>] {
    stretches.filter { $0.fingerprint == fingerprint && $0.holds(profile) }.map { stretch in
      stretch == live ? stretch.range.lowerBound..<(.max) : stretch.range
    }
  }
}

extension Project {
  /// The places of the audiences whose entries and exits are events: those that are about users and on.
  var audiencesWithEvents: [Int] {
    definitions.indices.filter { place in
      let definition = definitions[place]
      return definition.kind == .audience && definition.subject == .users && definition.isEnabled
        && !definition.isIdentity
    }
  }

  /// What the entries and exits of an audience depend on, besides the calls: its query, those that it
  /// refers to, and which of them are on.
  func eventFingerprint(_ definition: Definition) -> String {
    let text = needed(for: definition)
      .map { "\($0.key) \($0.isEnabled ? "on" : "off") \($0.canonicalText)" }
      .joined(separator: "\n")
    return SHA256.digest(of: Array(text.utf8).span).hex
  }
}

extension Sequence<Range<Int64>> {
  /// Whether an instant lies in one of the stretches.
  func holds(_ instant: Int64) -> Bool { contains { $0.contains(instant) } }
}

extension Range<Int64> {
  /// What of it lies in none of the others, in the order of time.
  func subtracting(_ others: [Range<Int64>]) -> [Range<Int64>] {
    var rest: [Range<Int64>] = []
    var start = lowerBound
    for other in others.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if other.lowerBound > start {
        rest.append(start..<Swift.min(other.lowerBound, upperBound))
      }
      start = Swift.max(start, other.upperBound)
      if start >= upperBound { break }
    }
    if start < upperBound { rest.append(start..<upperBound) }
    return rest.filter { !$0.isEmpty }
  }
}

/// How many entries and exits one destination is owed of late, and how the past came to differ.
public struct AudienceEventTally: Sendable, Equatable {
  public internal(set) var entered = 0
  public internal(set) var exited = 0
  /// Events that were owed, and are not true any more: they were never sent, and are not.
  public internal(set) var withdrawn = 0
  /// Entries and exits in which the past came to be another one than was told.
  public internal(set) var corrections = 0

  public var count: Int { entered + exited }

  mutating func add(_ revision: TransitionRevision) {
    entered += revision.added.count(where: \.isEntry)
    exited += revision.added.count { !$0.isEntry }
    withdrawn += revision.withdrawn.count
  }
}
