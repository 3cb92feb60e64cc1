extension OraclePrinter {
  /// A literal, a field or a reduced stream.
  mutating func text(of scalar: OracleScalar) -> String {
    switch scalar {
    case .literal(let literal): spelling.literal(literal)
    case .field(let field): text(of: field)
    case .reduced(let stream, let reducer): text(of: stream) + dot() + text(of: reducer)
    }
  }

  private mutating func dot() -> String { spelling.gap() + "." + spelling.gap() }

  private mutating func text(of field: OracleField) -> String {
    let path = spelling.path(field.path)
    return switch field.source {
    case .trait: spelling.call("trait", path)
    case .context: spelling.call("context", path)
    case .property: spelling.call("property", path)
    case .parentProperty: spelling.call("property", parent() + path)
    }
  }

  /// The word that points to the enclosing event.
  private mutating func parent() -> String {
    spelling.keyword("parent") + spelling.gap() + ":" + spelling.space()
  }

  private mutating func text(of stream: OracleStream) -> String {
    var text = spelling.call("event", spelling.quoted(stream.event))
    for filter in stream.filters { text += dot() + self.text(of: filter) }
    return text
  }

  private mutating func text(of filter: OracleFilter) -> String {
    switch filter {
    case .where(let condition):
      let text = query(.audience(condition))
      guard spelling.chance(20) else { return spelling.call("where", text) }
      return spelling.call("where", "{" + spelling.gap() + text + spelling.gap() + "}")
    case .sources(let list):
      let text = spelling.keyword("exclude") + spelling.gap() + ": " + spelling.list(list)
      guard !spelling.chance(30) else { return spelling.call("sources", text) }
      return spelling.call("sources", "{" + spelling.gap() + text + spelling.gap() + "}")
    case .within(let duration):
      return spelling.call("within", spelling.duration(duration))
    case .withinParent(let duration):
      return spelling.call("within", parent() + spelling.duration(duration))
    case .between(let one, let other):
      return spelling.call("between", durations(one, other))
    case .betweenParent(let one, let other):
      return spelling.call("between", parent() + durations(one, other))
    case .expiresAfter(let duration):
      return spelling.call("expires_after", spelling.duration(duration))
    }
  }

  private mutating func durations(_ one: OracleDuration, _ other: OracleDuration) -> String {
    spelling.separated([spelling.duration(one), spelling.duration(other)])
  }

  private mutating func text(of reducer: OracleReducer) -> String {
    switch reducer {
    case .count: return spelling.call("count", "")
    case .sum(let field): return spelling.call("sum", text(of: field))
    case .avg(let field): return spelling.call("avg", text(of: field))
    case .first(let field): return spelling.call("first", text(of: field))
    case .last(let field): return spelling.call("last", text(of: field))
    case .min(let field, let kind):
      return spelling.call("min", text(of: field) + suffix(kind == .plain ? nil : "\(kind)"))
    case .max(let field, let kind):
      return spelling.call("max", text(of: field) + suffix(kind == .plain ? nil : "\(kind)"))
    case .mode(let field, let kind, let least):
      let value = text(of: field) + suffix(kind == .plain ? nil : "\(kind)")
      guard let least else { return spelling.call("mode", value) }
      return spelling.call("mode", spelling.separated([value, String(least)]))
    case .unique(let field): return spelling.call("unique", text(of: field))
    case .uniqueCount(let field):
      return spelling.call("unique", text(of: field)) + dot() + spelling.call("count", "")
    }
  }

  private mutating func suffix(_ kind: String?) -> String {
    guard let kind else { return "" }
    return spelling.space() + spelling.keyword("as") + spelling.space() + spelling.keyword(kind)
  }
}
