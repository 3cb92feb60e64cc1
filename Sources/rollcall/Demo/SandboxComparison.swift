import Definitions
import HeapSandbox
import Operations
import Values

/// Holds what a sandbox was told against the snapshot, property by property.
///
/// It knows the rule and nothing of how the sender works: a member is `"true"`, everybody else who
/// was ever told about is `"false"`; a trait is its value, and what went away is `""`.
struct SandboxComparison {
  /// Properties that were compared.
  private(set) var compared = 0
  /// What differs: the key, and how.
  private(set) var differences: [String] = []

  init(
    _ sandbox: HeapSandbox, app: String, _ session: Session, _ definitions: [Definition],
    _ models: [ModelPreviewReport]
  ) throws {
    var held = Self.users(sandbox, app)
    for model in models { compare(model, &held) }
    for definition in definitions {
      var expected: [ExactString: Value] = [:]
      try session.export(definition.key, .ndjson) { line in
        guard let row = try? Value(json: line), case .string(let id) = row["user_id"] else {
          return
        }
        expected[ExactString(id)] = Self.sent(row["value"])
      }
      let key = ExactString(definition.key)
      for (id, value) in expected {
        compared += 1
        let told = held[id]?.removeValue(forKey: key)
        let isUntoldZero = told == nil && definition.isCount && value == .number(0)
        if told != value, !isUntoldZero {
          differences.append("\(definition.key): a value of the snapshot is not what Heap holds")
        }
      }
      for (id, properties) in held {
        guard let told = properties[key] else { continue }
        compared += 1
        held[id]?[key] = nil
        let gone: Value = definition.kind == .audience ? .string("false") : .string("")
        if told != gone {
          differences.append("\(definition.key): Heap holds a value that the snapshot has not")
        }
      }
    }
    for properties in held.values {
      differences += properties.keys.map { "\($0): Heap holds a property of no definition" }
    }
  }

  /// A row of a model about users is what Heap holds; of rows that vanished it keeps what it was told.
  private mutating func compare(
    _ model: ModelPreviewReport, _ held: inout [ExactString: [ExactString: Value]]
  ) {
    for row in model.sample {
      for property in row.properties {
        compared += 1
        let told = held[ExactString(row.identity)]?[ExactString(property.name)]
        if told != Self.sent(property.value) {
          differences.append("\(model.model.key): a value of a row is not what Heap holds")
        }
      }
    }
    for id in held.keys {
      for property in model.properties { held[id]?[ExactString(property)] = nil }
    }
  }

  private static func sent(_ value: Value) -> Value {
    switch value {
    case .boolean(let flag): .string(flag ? "true" : "false")
    case .array, .object: .string(value.json)
    default: value
    }
  }

  private static func users(
    _ sandbox: HeapSandbox, _ app: String
  ) -> [ExactString: [ExactString: Value]] {
    var users: [ExactString: [ExactString: Value]] = [:]
    guard case .object(let members) = sandbox.state()["apps"][app]["users"] else { return users }
    for member in members {
      guard case .object(let properties) = member.value["properties"] else { continue }
      for property in properties {
        users[ExactString(member.key), default: [:]][ExactString(property.key)] = property.value
      }
    }
    return users
  }
}
