import Definitions
import Values

extension History {
  /// The history of a user made from an example, as it would be at `now`.
  ///
  /// The user exists whatever the example holds: an identify call with its traits stands 100 years
  /// before now, which is as far back as an event of an example can lie. It is row 0; the events are
  /// rows 1, 2 and so on as they are written, which is their order at equal times.
  public init(_ example: Example, at now: Instant, _ names: NameTable) {
    let traits = example.traits.map { Value.Member($0.name, $0.value) }
    var calls = [
      ProfileEvent(
        kind: .identify, time: now - Duration.longest, row: 0, properties: .object(traits))
    ]
    for (place, event) in example.events.enumerated() {
      calls.append(
        ProfileEvent(
          kind: .event(name: event.name), time: now + event.time, row: Int64(place + 1),
          properties: event.properties))
    }
    self.init(calls, names)
  }
}
