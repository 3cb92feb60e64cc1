import Delivery

/// What became of entries to audiences and exits from them at one destination.
public struct AudienceEventReport: Sendable, Equatable {
  /// What is owed because of this call.
  public internal(set) var tally = AudienceEventTally()
  /// How things stand after it.
  public let census: AudienceEventOutbox.Census

  init(_ census: AudienceEventOutbox.Census) { self.census = census }
}
