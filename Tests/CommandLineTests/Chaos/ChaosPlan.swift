/// What a script is about, as its seed chooses: what a destination and its definitions may be.
///
/// An odd seed chooses the opposite of the even one before it, so that two of them have everything.
struct ChaosPlan {
  /// Whether users are known by a trait that changes, vanishes, is shared and comes back.
  let knowsByMail: Bool
  /// Whether a process repeats a request that had no answer.
  let repeats: Bool
  /// Whether definitions have a guard, and enough members for it.
  let isGuarded: Bool
  /// Whether there are SQL models of users, accounts and events.
  let hasModels: Bool
  /// Whether booleans go out as JSON, which only a lenient Heap takes.
  let sendsJSON: Bool
  /// Whether the last word on values that went away is to keep them.
  let keepsAbsent: Bool

  init(seed: UInt64) {
    var random = ChaosRandom(seed: seed / 2 &+ 0x5EED)
    func chosen() -> Bool { (random.next(upTo: 2) == 0) == (seed % 2 == 0) }
    knowsByMail = chosen()
    repeats = chosen()
    isGuarded = chosen()
    hasModels = chosen()
    sendsJSON = chosen()
    keepsAbsent = chosen()
  }

  /// How many users there are: a guard looks at a hundred members and more.
  var users: Int { isGuarded ? 130 : 12 }

  var words: String {
    let parts = [
      (knowsByMail, "identity: trait email"), (repeats, "repeats"), (isGuarded, "guard"),
      (hasModels, "models"), (sendsJSON, "booleans: json"), (keepsAbsent, "absent: keep"),
    ]
    return "about: " + parts.filter(\.0).map(\.1).joined(separator: ", ")
  }
}

/// A row of random numbers that is the same for the same seed (SplitMix64).
struct ChaosRandom {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next(upTo bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
  }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[next(upTo: elements.count)]
  }
}
