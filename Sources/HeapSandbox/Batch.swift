import Values

/// The items of a request, which stand in it alone or in a list.
struct Batch {
  let items: [BatchItem]
  let isBulk: Bool

  /// Checks the shape of the request: one of the two forms, and the number of items.
  ///
  /// - Parameter list: the field that holds the items of a bulk request; nil where there is none.
  init(
    _ body: [Value.Member], list: String?, fields: [String], profile: HeapSandbox.Profile
  ) throws(Rejection) {
    let others = body.filter { !$0.key.isExactly("app_id") }
    guard let list, let value = body[list] else {
      guard others.contains(where: { $0.key.isOne(of: fields) }) else {
        throw Rejection(.neitherSingleNorBulk)
      }
      isBulk = false
      items = [BatchItem(others, place: nil, fields: fields, profile: profile)]
      return
    }
    isBulk = true
    for member in others where !member.key.isExactly(list) {
      let isMixed = member.key.isOne(of: fields)
      guard isMixed || profile == .strict else { continue }
      throw Rejection(isMixed ? .singleAndBulk : .unknownField, key: member.key)
    }
    guard case .array(let elements) = value else { throw Rejection(.itemsNotAnArray) }
    guard (1...Limits.itemCount).contains(elements.count) else { throw Rejection(.itemCount) }
    var items: [BatchItem] = []
    for (place, element) in elements.enumerated() {
      guard case .object(let members) = element else {
        throw Rejection(.itemNotAnObject, item: place)
      }
      items.append(BatchItem(members, place: place, fields: fields, profile: profile))
    }
    self.items = items
  }
}

extension String {
  func isOne(of names: [String]) -> Bool { names.contains { isExactly($0) } }
}
