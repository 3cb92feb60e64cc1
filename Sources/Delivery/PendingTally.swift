import Definitions
import Membership

/// How many values of one definition a destination would see change.
public struct PendingTally: Sendable, Equatable {
  /// Values that make a member, or come, where there was none.
  public var entered = 0
  /// Values that take a member, or a value, away.
  public var left = 0
  /// Values that become others.
  public var changed = 0

  public init(entered: Int = 0, left: Int = 0, changed: Int = 0) {
    self.entered = entered
    self.left = left
    self.changed = changed
  }

  public var changes: Int { entered + left + changed }

  /// Adds one value. The same value again is no change.
  ///
  /// - Parameters:
  ///   - acknowledged: what the destination accepted last, encoded.
  ///   - value: what it would get.
  ///   - standard: the definition's default value, as JSON.
  mutating func add(
    _ acknowledged: String?, _ value: String, _ kind: Definition.Kind, standard: String?
  ) {
    guard acknowledged != value else { return }
    let was = AcknowledgedValue.isMember(acknowledged, kind, standard: standard)
    let becomes = AcknowledgedValue.isMember(value, kind, standard: standard)
    switch (was, becomes) {
    case (false, true): entered += 1
    case (true, false): left += 1
    default: changed += 1
    }
  }
}

extension Outbox {
  /// What is pending of some definitions, held or not.
  public func tallies(of definitions: Set<Int64>) throws -> [Int64: PendingTally] {
    var tallies: [Int64: PendingTally] = [:]
    for lane in Place.Lane.allCases {
      try forEachObject(after: Place(lane: lane, object: .min), includesHeld: true) { owed in
        for property in [owed.item, owed.suspect].compactMap({ $0 }).flatMap(\.properties)
        where definitions.contains(property.definition) {
          tallies[property.definition, default: PendingTally()].add(
            property.acknowledged, property.value.json, property.kind, standard: property.standard)
        }
        return true
      }
    }
    return tallies
  }
}
