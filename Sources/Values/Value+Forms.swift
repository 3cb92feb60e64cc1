extension Value {
  /// The numeric form: a finite JSON number, or a string that holds one; nil for everything else.
  public var numeric: Double? {
    switch self {
    case .number(let number): number.isFinite ? number : nil
    case .string(let text): text.numericForm
    default: nil
    }
  }

  /// The text form: a string itself, a boolean and a number as JSON, an array or object as compact
  /// JSON; nil when absent.
  public var textForm: String? {
    switch self {
    case .absent: nil
    case .string(let text): text
    case .number(let number): number.textForm
    case .boolean(let flag): flag ? "true" : "false"
    case .array, .object: compactText
    }
  }

  /// The instant of a date string; nil for everything else.
  public var date: Instant? {
    if case .string(let text) = self { return Instant(iso8601: text) }
    return nil
  }

  private var isNumber: Bool {
    if case .number = self { return true }
    return false
  }

  /// The language's `=`: both present, and equal as numbers when both are numeric and at least one
  /// is a number, else equal text forms.
  public func equals(_ other: Value) -> Bool {
    if case .string(let a) = self, case .string(let b) = other { return a.isExactly(b) }
    if isNumber || other.isNumber, let a = numeric, let b = other.numeric { return a == b }
    guard let a = textForm, let b = other.textForm else { return false }
    return a.isExactly(b)
  }

  /// The order of two values: as numbers when both are numeric, as instants when both are dates;
  /// nil otherwise.
  public func order(_ other: Value) -> Ordering? {
    if let a = numeric, let b = other.numeric { return Ordering(a, b) }
    if let a = date, let b = other.date { return Ordering(a, b) }
    return nil
  }

  /// How one value stands to another.
  public enum Ordering: Sendable {
    case less, equal, greater

    public init<T: Comparable>(_ a: T, _ b: T) {
      self = a < b ? .less : a > b ? .greater : .equal
    }
  }
}
