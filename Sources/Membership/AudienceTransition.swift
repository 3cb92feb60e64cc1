/// An entry to an audience, or an exit from it.
public struct AudienceTransition: Sendable, Equatable {
  /// The first instant at which it is so, in UTC milliseconds.
  public let instant: Int64
  public let isEntry: Bool
  /// Which spell of the profile's whole history begins or ends there, from 0.
  public let ordinal: Int

  public init(instant: Int64, isEntry: Bool, ordinal: Int) {
    self.instant = instant
    self.isEntry = isEntry
    self.ordinal = ordinal
  }

  /// The entries and exits that spells make, in the order of time.
  ///
  /// - Parameters:
  ///   - spells: all since the profile's first event, in the order of time.
  ///   - end: where they are cut: nobody is known to leave there.
  public static func all(
    _ spells: some Sequence<(since: Int64, until: Int64)>, before end: Int64
  ) -> [AudienceTransition] {
    var transitions: [AudienceTransition] = []
    for (ordinal, spell) in spells.enumerated() {
      transitions.append(Self(instant: spell.since, isEntry: true, ordinal: ordinal))
      if spell.until < end {
        transitions.append(Self(instant: spell.until, isEntry: false, ordinal: ordinal))
      }
    }
    return transitions
  }
}
