import Values

extension Value {
  /// Where another value differs from this one, in the order of the sorted keys: an array of
  /// `{"path": [key, …], "before": …, "after": …}`.
  ///
  /// Objects are compared key by key and everything else as a whole. What came has no `before`, what
  /// went away has no `after`.
  func differences(to other: Value) -> Value {
    var found: [Value] = []
    compare(other, at: [], &found)
    return .array(found)
  }

  private func compare(_ other: Value, at path: [Value], _ found: inout [Value]) {
    guard case .object(let before) = self, case .object(let after) = other else {
      if self != other { found.append(Self.difference(self, other, at: path)) }
      return
    }
    let values = Dictionary(uniqueKeysWithValues: before.map { (ExactString($0.key), $0.value) })
    let others = Dictionary(uniqueKeysWithValues: after.map { (ExactString($0.key), $0.value) })
    for key in Set(values.keys).union(others.keys).sorted() {
      let place = path + [.string(key.text)]
      if let value = values[key], let other = others[key] {
        value.compare(other, at: place, &found)
      } else {
        found.append(Self.difference(values[key], others[key], at: place))
      }
    }
  }

  private static func difference(_ before: Value?, _ after: Value?, at path: [Value]) -> Value {
    var members = [Member("path", .array(path))]
    if let before { members.append(Member("before", before)) }
    if let after { members.append(Member("after", after)) }
    return .object(members)
  }
}
