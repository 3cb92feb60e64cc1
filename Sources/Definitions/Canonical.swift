import Values

/// Writes a query in one spelling, so that two texts of one meaning are one text.
///
/// A definition has changed when this text has: comments, line breaks, quotes and older spellings
/// do not count.
enum Canonical {
  static func text(_ condition: Condition) -> String {
    switch condition.kind {
    case .and(let parts): "(" + parts.map(text).joined(separator: " AND ") + ")"
    case .or(let parts): "(" + parts.map(text).joined(separator: " OR ") + ")"
    case .not(let inner): "NOT " + text(inner)
    case .anyUser(let inner): "ANY " + text(inner)
    case .everyUser(let inner): "ALL " + text(inner)
    case .test(let scalar, let comparator): text(scalar) + text(comparator)
    }
  }

  static func text(_ scalar: Scalar) -> String {
    switch scalar.kind {
    case .literal(let value): value.json
    case .field(let field): text(field)
    case .reduction(let stream, let reducer):
      stream.source.rawValue + "(" + quoted(stream.name) + ")"
        + stream.filters.map(text).joined() + "." + text(reducer)
    }
  }

  private static func text(_ comparator: Comparator) -> String {
    let operand: String
    switch comparator {
    case .compare(let relation, let scalar): return " \(relation.rawValue) " + text(scalar)
    case .exists, .absent: operand = ""
    case .contains(let values), .omits(let values), .oneOf(let values), .noneOf(let values):
      operand = list(values)
    case .startsWith(let value), .endsWith(let value): operand = value.json
    case .beforeDate(let scalar), .afterDate(let scalar): operand = text(scalar)
    case .withinLast(let duration), .withinNext(let duration), .beforeLast(let duration),
      .afterNext(let duration):
      operand = text(duration)
    }
    return ".\(comparator.name)(\(operand))"
  }

  private static func text(_ filter: EventStream.Filter) -> String {
    switch filter {
    case .where(let condition): ".where(" + text(condition) + ")"
    case .excludeSources(let values): ".sources(exclude: " + list(values) + ")"
    case .within(let duration): ".within(" + text(duration) + ")"
    case .withinParent(let duration): ".within(parent: " + text(duration) + ")"
    case .between(let low, let high): ".between(" + text(low) + ", " + text(high) + ")"
    case .betweenParent(let low, let high):
      ".between(parent: " + text(low) + ", " + text(high) + ")"
    case .expiresAfter(let duration): ".expires_after(" + text(duration) + ")"
    }
  }

  private static func text(_ reducer: Reducer) -> String {
    switch reducer {
    case .count: "count()"
    case .sum(let field): "sum(" + text(field) + ")"
    case .average(let field): "avg(" + text(field) + ")"
    case .minimum(let field, let form): "min(" + text(field) + " as \(form.rawValue))"
    case .maximum(let field, let form): "max(" + text(field) + " as \(form.rawValue))"
    case .first(let field): "first(" + text(field) + ")"
    case .last(let field): "last(" + text(field) + ")"
    case .mode(let field, let form, let count):
      "mode(" + text(field) + " as \(form.rawValue), \(count))"
    case .unique(let field): "unique(" + text(field) + ")"
    case .uniqueCount(let field): "unique(" + text(field) + ").count()"
    }
  }

  private static func text(_ field: Field) -> String {
    switch field.source {
    case .parentProperty: "property(parent: " + quoted(field.path.name) + ")"
    default: field.source.rawValue + "(" + quoted(field.path.name) + ")"
    }
  }

  private static func text(_ duration: Duration) -> String { "\(duration.milliseconds) ms" }

  private static func list(_ values: [Value]) -> String {
    values.map(\.json).joined(separator: ", ")
  }

  private static func quoted(_ text: String) -> String { Value.string(text).json }
}
