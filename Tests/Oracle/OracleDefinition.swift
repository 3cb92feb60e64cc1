/// A definition: a condition that makes an audience, or a scalar that makes a computed trait.
public struct OracleDefinition: Sendable {
  /// Whom a definition is about.
  public enum Subjects: Sendable { case users, accounts }

  /// What a definition says.
  public enum Body: Sendable {
    case audience(OracleCondition)
    case trait(OracleScalar)
  }

  public var key: String
  public var subjects: Subjects
  public var includeAnonymous: Bool
  public var body: Body

  /// A definition; its name is its key.
  public init(
    _ key: String, _ body: Body, subjects: Subjects = .users, includeAnonymous: Bool = false
  ) {
    self.key = key
    self.body = body
    self.subjects = subjects
    self.includeAnonymous = includeAnonymous
  }

  /// Whether this is an audience.
  public var isAudience: Bool {
    if case .audience = body { true } else { false }
  }
}

/// A condition: logic over comparisons.
public indirect enum OracleCondition: Sendable {
  case and([OracleCondition])
  case or([OracleCondition])
  case not(OracleCondition)
  /// Some user of the account satisfies it.
  case any(OracleCondition)
  /// The account has users and every one satisfies it.
  case all(OracleCondition)
  case compare(OracleScalar, OracleTest)
}

/// What a scalar is asked.
public indirect enum OracleTest: Sendable {
  /// The relations, which have an operator and a method each.
  public enum Relation: CaseIterable, Sendable {
    case equal, notEqual, greater, atLeast, less, atMost
  }

  case relation(Relation, OracleScalar)
  case exists
  case absent
  case contains([OracleLiteral])
  case omits([OracleLiteral])
  case oneOf([OracleLiteral])
  case noneOf([OracleLiteral])
  case startsWith(OracleLiteral)
  case endsWith(OracleLiteral)
  case beforeDate(OracleScalar)
  case afterDate(OracleScalar)
  case withinLast(OracleDuration)
  case withinNext(OracleDuration)
  case beforeLast(OracleDuration)
  case afterNext(OracleDuration)
}

/// What a comparison or a computed trait can be about.
public indirect enum OracleScalar: Sendable {
  case literal(OracleLiteral)
  case field(OracleField)
  case reduced(OracleStream, OracleReducer)
}

/// A value written in a query.
public enum OracleLiteral: Sendable {
  case number(Double)
  case string(String)
  case boolean(Bool)
  /// A date written without quotes, which is the string of that text.
  case date(String)
}

/// A place to read a value from.
public struct OracleField: Sendable {
  /// Where the path starts.
  public enum Source: Sendable {
    case trait, context, property
    /// A property of the immediately enclosing event.
    case parentProperty
  }

  public var source: Source
  public var path: [OracleStep]

  /// A field with a path of steps.
  public init(_ source: Source, _ path: [OracleStep]) {
    self.source = source
    self.path = path
  }

  /// A field with a path of keys; the key `$` stands for the fan-out step.
  public init(_ source: Source, _ keys: String...) {
    self.init(source, keys.map { $0 == "$" ? .each : .key($0) })
  }

  /// Whether the path fans out over an array.
  public var fansOut: Bool { path.contains { $0.isEach } }
}

/// One step of a path.
public enum OracleStep: Sendable {
  /// Into an object.
  case key(String)
  /// The step `$`: over every element of an array.
  case each

  /// Whether this is the step `$`.
  public var isEach: Bool {
    if case .each = self { true } else { false }
  }
}

/// The events of one name, filtered from left to right.
public struct OracleStream: Sendable {
  public var event: String
  public var filters: [OracleFilter]

  /// A stream.
  public init(_ event: String, _ filters: [OracleFilter] = []) {
    self.event = event
    self.filters = filters
  }
}

/// A filter of a stream.
public indirect enum OracleFilter: Sendable {
  case `where`(OracleCondition)
  case sources(excluding: [OracleLiteral])
  case within(OracleDuration)
  case withinParent(OracleDuration)
  case between(OracleDuration, OracleDuration)
  case betweenParent(OracleDuration, OracleDuration)
  case expiresAfter(OracleDuration)
}

/// What makes one value of many events.
public enum OracleReducer: Sendable {
  /// The kinds that `min` and `max` can be asked for.
  public enum Extreme: Sendable { case plain, number, string }
  /// The kinds that `mode` can be asked for.
  public enum Mode: Sendable { case plain, number, string, array }

  case count
  case sum(OracleField)
  case avg(OracleField)
  case first(OracleField)
  case last(OracleField)
  case min(OracleField, Extreme = .plain)
  case max(OracleField, Extreme = .plain)
  /// The least number of times is 2 when left out.
  case mode(OracleField, Mode = .plain, Int? = nil)
  case unique(OracleField)
  case uniqueCount(OracleField)
}

/// A length of time as it is written: a number of units.
public struct OracleDuration: Sendable {
  /// The units; a day is always 24 hours.
  public enum Unit: Int64, CaseIterable, Sendable {
    case second = 1_000
    case minute = 60_000
    case hour = 3_600_000
    case day = 86_400_000
    case week = 604_800_000
  }

  public var amount: Int
  public var unit: Unit

  /// `amount` units.
  public init(_ amount: Int, _ unit: Unit) {
    self.amount = amount
    self.unit = unit
  }

  /// The length in milliseconds.
  public var milliseconds: Int64 { Int64(amount) * unit.rawValue }
}
