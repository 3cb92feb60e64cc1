import Definitions

/// What a full run at the instant would change in the snapshot of one definition.
public struct SnapshotDifference: Sendable, Equatable {
  public private(set) var enter = 0
  public private(set) var leave = 0
  /// Values of traits that come, change or go.
  public private(set) var change = 0

  public var isEmpty: Bool { enter == 0 && leave == 0 && change == 0 }

  /// Counts a value that the snapshot does not hold.
  ///
  /// - Parameter isNew: whether it holds none at all.
  mutating func add(_ kind: Definition.Kind, isNew: Bool) {
    if kind == .audience && isNew { enter += 1 } else { change += 1 }
  }

  /// Counts a value of the snapshot that is none any more.
  mutating func addGone(_ kind: Definition.Kind) {
    if kind == .audience { leave += 1 } else { change += 1 }
  }

  mutating func add(_ other: SnapshotDifference) {
    enter += other.enter
    leave += other.leave
    change += other.change
  }
}
