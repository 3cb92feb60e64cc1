import Operations
import Values

extension Method {
  /// How it was chosen whom to evaluate, and why.
  var document: Value {
    switch self {
    case .tick:
      .object([
        .init("name", .string("tick")), .init("reason", .string("new events and next changes")),
        .init("definitions", .absent),
      ])
    case .scan(let reason):
      .object([
        .init("name", .string("scan")), .init("reason", .string(reason.rawValue)),
        .init("definitions", .absent),
      ])
    case .partialScan(let definitions):
      .object([
        .init("name", .string("partial_scan")),
        .init("reason", .string("definitions that are new or changed")),
        .init("definitions", .array(definitions.map { .string($0) })),
      ])
    }
  }
}
