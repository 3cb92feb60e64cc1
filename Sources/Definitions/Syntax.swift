import Values

/// A query's boolean: what an audience asks of a profile, or a `where` of an event.
public struct Condition: Sendable {
  public indirect enum Kind: Sendable {
    case and([Condition])
    case or([Condition])
    case not(Condition)
    /// `ANY`: some user of the account.
    case anyUser(Condition)
    /// `ALL`: every user of the account.
    case everyUser(Condition)
    case test(Scalar, Comparator)
  }

  public var kind: Kind
  public var range: SourceRange
}

/// What a comparison asks of the scalar to its left.
public enum Comparator: Sendable {
  case compare(Relation, Scalar)
  case exists
  case absent
  case contains([Value])
  case omits([Value])
  case oneOf([Value])
  case noneOf([Value])
  case startsWith(Value)
  case endsWith(Value)
  case beforeDate(Scalar)
  case afterDate(Scalar)
  case withinLast(Duration)
  case withinNext(Duration)
  case beforeLast(Duration)
  case afterNext(Duration)
}

/// How two scalars are held against each other.
public enum Relation: String, Sendable, CaseIterable {
  case equal = "="
  case unequal = "!="
  case greater = ">"
  case greaterOrEqual = ">="
  case less = "<"
  case lessOrEqual = "<="
}

/// A query's value: what a computed trait is, or one side of a comparison.
public struct Scalar: Sendable {
  public indirect enum Kind: Sendable {
    case literal(Value)
    case field(Field)
    case reduction(EventStream, Reducer)
  }

  public var kind: Kind
  public var range: SourceRange
}

/// A value that is read from a profile or from an event.
public struct Field: Sendable, Hashable {
  public enum Source: String, Sendable {
    case trait, context, property
    /// The property of the event that immediately encloses this one.
    case parentProperty
  }

  public var source: Source
  public var path: FieldPath
  public var range: SourceRange

  public static func == (a: Field, b: Field) -> Bool { a.source == b.source && a.path == b.path }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(source)
    hasher.combine(path)
  }
}

/// A name with its steps into nested objects.
public struct FieldPath: Sendable, Hashable {
  public enum Step: Sendable, Hashable {
    case key(ExactString)
    /// `$`: every element of an array.
    case each
  }

  /// The name as it was written, after string escapes.
  public let name: String
  public let steps: [Step]

  /// `.` walks into an object, `\.` is a literal dot, the step `$` fans out over an array.
  public init(_ name: String) {
    self.name = name
    var steps: [Step] = []
    var current = String.UnicodeScalarView()
    var escaped = false
    func finish() {
      let key = String(current)
      steps.append(key == "$" && !escaped ? .each : .key(ExactString(key)))
      current.removeAll()
      escaped = false
    }
    var scalars = name.unicodeScalars.makeIterator()
    var next = scalars.next()
    while let scalar = next {
      next = scalars.next()
      if scalar == "\\", next == "." {
        current.append(".")
        escaped = true
        next = scalars.next()
      } else if scalar == "." {
        finish()
      } else {
        current.append(scalar)
      }
    }
    finish()
    self.steps = steps
  }

  /// Whether the path has as many values as there are elements.
  public var fansOut: Bool { steps.contains(.each) }

  public static func == (a: FieldPath, b: FieldPath) -> Bool { a.steps == b.steps }

  public func hash(into hasher: inout Hasher) { hasher.combine(steps) }
}

/// The events of one name that pass some filters, taken from left to right.
public struct EventStream: Sendable {
  public enum Source: String, Sendable { case event, entity }

  public enum Filter: Sendable {
    case `where`(Condition)
    case excludeSources([Value])
    /// `now - d <= t <= now`
    case within(Duration)
    /// `p < t <= p + d`
    case withinParent(Duration)
    /// `now - high <= t <= now - low`
    case between(low: Duration, high: Duration)
    /// `p + low <= t <= p + high`, and `t > p`
    case betweenParent(low: Duration, high: Duration)
    /// The current session: neighbours at most this far apart, the last one at most this old.
    case expiresAfter(Duration)
  }

  public var source: Source
  public var name: String
  public var filters: [Filter]
  public var range: SourceRange
}

/// What one value is made of a stream's events.
public enum Reducer: Sendable {
  public enum Form: String, Sendable { case number, string, array }

  case count
  case sum(Field)
  case average(Field)
  case minimum(Field, Form)
  case maximum(Field, Form)
  case first(Field)
  case last(Field)
  case mode(Field, Form, atLeast: Int)
  case unique(Field)
  case uniqueCount(Field)
}
