/// The parts of the language and of the data that a random case may use.
public struct OracleConstructs: OptionSet, Sendable {
  /// One bit a construct.
  public let rawValue: Int

  /// The constructs of these bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// `event(...)` inside `where`.
  public static let nested = Self(rawValue: 1 << 0)
  /// `property(parent: ...)`.
  public static let parentProperties = Self(rawValue: 1 << 1)
  /// `within(parent: ...)` and `between(parent: ...)`.
  public static let parentWindows = Self(rawValue: 1 << 2)
  /// The step `$`.
  public static let fanOut = Self(rawValue: 1 << 3)
  /// `expires_after`.
  public static let sessions = Self(rawValue: 1 << 4)
  /// `sources`.
  public static let sources = Self(rawValue: 1 << 5)
  /// `context(...)`.
  public static let context = Self(rawValue: 1 << 6)
  /// `trait('...')` of other definitions.
  public static let references = Self(rawValue: 1 << 7)
  /// `within` and `between` from now.
  public static let windows = Self(rawValue: 1 << 8)
  /// Dates in data and queries, and the comparators for them.
  public static let dates = Self(rawValue: 1 << 9)
  /// Paths into objects, and keys with a dot.
  public static let objects = Self(rawValue: 1 << 10)
  /// Texts beyond ASCII, canonically equivalent ones among them.
  public static let unicode = Self(rawValue: 1 << 11)
  /// `page` and `screen` calls.
  public static let pages = Self(rawValue: 1 << 12)
  /// Custom traits and `identify` calls.
  public static let traits = Self(rawValue: 1 << 13)
  /// Calls dated after now.
  public static let future = Self(rawValue: 1 << 14)
  /// Calls that arrive in another order than they happened.
  public static let late = Self(rawValue: 1 << 15)
  /// Calls with a message id that was there before.
  public static let duplicates = Self(rawValue: 1 << 16)
  /// Durations of nothing.
  public static let zeroDurations = Self(rawValue: 1 << 17)
  /// Numbers near and past the range of a double.
  public static let overflow = Self(rawValue: 1 << 18)
  /// Links between ids: `identify` with both ids, and `alias`.
  public static let merging = Self(rawValue: 1 << 19)
  /// Profiles without a user id, and `include_anonymous`.
  public static let anonymous = Self(rawValue: 1 << 20)
  /// Accounts, `ANY` and `ALL`.
  public static let accounts = Self(rawValue: 1 << 21)
  /// `min`, `max` and `mode` with `as`.
  public static let conversions = Self(rawValue: 1 << 22)

  /// The whole language for users without links between ids.
  public static let userLevel: Self = [
    .nested, .parentProperties, .parentWindows, .fanOut, .sessions, .sources, .context,
    .references, .windows, .dates, .objects, .unicode, .pages, .traits, .future, .late,
    .duplicates, .conversions,
  ]
  /// Everything there is.
  public static let everything: Self = [
    .userLevel, .zeroDurations, .overflow, .merging, .anonymous, .accounts,
  ]
}

/// The size and the content of random cases.
public struct OracleOptions: Sendable {
  public var constructs: OracleConstructs
  /// How many definitions a case has.
  public var definitions: ClosedRange<Int>
  /// How many calls a case has.
  public var calls: ClosedRange<Int>
  /// How many users there are.
  public var users: Int
  /// How deep conditions go, nested events included.
  public var depth: Int

  /// Options; small cases of one user when nothing is said.
  public init(
    _ constructs: OracleConstructs = .userLevel, definitions: ClosedRange<Int> = 1...3,
    calls: ClosedRange<Int> = 8...30, users: Int = 1, depth: Int = 3
  ) {
    self.constructs = constructs
    self.definitions = definitions
    self.calls = calls
    self.users = users
    self.depth = depth
  }

  /// One user, no accounts, no links between ids.
  public static let userLevel = Self()
  /// Some users, accounts and links between ids.
  public static let everything = Self(
    .everything, definitions: 1...5, calls: 15...50, users: 3)
}
