import Values

/// What a data set is made of: who there is, what happens, when, and the seed of it all.
///
/// The lines are in the order of arrival. The users' `identify` calls are spread evenly among the
/// events, one a user.
struct Population: Hashable, Sendable {
  let events: Int
  let users: Int
  let seed: UInt64
  /// From one user to the next in the scattered order: it shares no divisor with their number.
  private let step: Int

  init(events: Int, users: Int, seed: UInt64 = 1) {
    self.events = events
    self.users = users
    self.seed = seed
    var step = Int(Double(users) * 0.618_033_988) | 1
    while Self.divisor(step, users) > 1 { step += 2 }
    self.step = step
  }

  static let days = 180
  static let start = Instant(milliseconds: 1_735_689_600_000)
  static let end = Instant(
    milliseconds: start.milliseconds + Int64(days) * 86_400_000)

  /// All lines: the events, and one call a user.
  var lines: Int { events + users }

  /// What the files of this data set are called.
  var name: String { "e\(events)-u\(users)-s\(seed)" }

  /// Whether every word of the vocabulary surely comes in it.
  var isLargeEnough: Bool { events >= 1000 && users >= 100 }

  /// The same mix of another size.
  func scaled(by factor: Double) -> Population {
    Population(
      events: Int((Double(events) * factor).rounded()),
      users: max(1, Int((Double(users) * factor).rounded())), seed: seed)
  }

  // MARK: Who

  /// The users in a scattered order, each once before the first comes again.
  func scattered(_ place: Int) -> Int { place % users * step % users }

  private static func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }

  /// Somebody for an event: a tenth of the users have a third of the events.
  func somebody(_ random: inout Randomness) -> Int {
    let place = random.unit()
    return min(users - 1, Int(Double(users) * place * place))
  }

  // MARK: When

  /// When line number `line` arrives.
  func arrival(_ line: Int) -> Int64 {
    Self.start.milliseconds
      + Int64(Double(line) / Double(lines) * Double(Self.days) * 86_400_000)
  }
}
