import Oracle

extension OracleCase {
  /// What the snapshot holds by the oracle: definition, whose, and JSON of the value.
  func memberships(at now: Int64) -> Set<[String]> {
    let oracle = world
    var rows: Set<[String]> = []
    for definition in definitions {
      for subject in oracle.subjects(of: definition.key, at: now) {
        let value = oracle.value(of: definition.key, for: subject, at: now)
        if value == .absent || value == .boolean(false) { continue }
        let whose =
          switch subject {
          case .user(let id): "user \(id)"
          case .anonymous(let id): "anonymous \(id)"
          case .account(let id): "account \(id)"
          }
        rows.insert([definition.key, whose, readable(value).json])
      }
    }
    return rows
  }

  /// A number past the range has no JSON form: what is stored is its text.
  private func readable(_ value: OracleValue) -> OracleValue {
    switch value {
    case .number(let number) where !number.isFinite: .string(value.text ?? "")
    case .array(let elements): .array(elements.map(readable))
    case .object(let members):
      .object(members.map { OracleMember($0.key, readable($0.value)) })
    default: value
    }
  }
}
