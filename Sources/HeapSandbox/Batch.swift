import Values

/// The items of a request, which stand in it alone or in a list, and their common rules.
struct Batch {
  /// One item and where it stands.
  struct Item {
    let members: [Value.Member]
    /// Its place in the list, from 0; nil when it stands alone.
    let place: Int?
  }

  let items: [Item]

  /// Checks the shape: one of the two forms, the number of items, and no unknown field.
  ///
  /// - Parameters:
  ///   - list: the field that holds the items of a bulk request.
  ///   - itemFields: the fields that an item may have.
  init(_ body: [Value.Member], list: String, itemFields: [String]) throws(Rejection) {
    let single = body.filter { !$0.key.isExactly("app_id") }
    guard let value = body[list] else {
      guard single.contains(where: { $0.key.isOne(of: itemFields) }) else {
        throw Rejection(.neitherSingleNorBulk)
      }
      items = [try Item(single, place: nil, fields: itemFields)]
      return
    }
    for member in single where !member.key.isExactly(list) {
      let isMixed = member.key.isOne(of: itemFields)
      throw Rejection(isMixed ? .singleAndBulk : .unknownField, key: member.key)
    }
    guard case .array(let elements) = value else { throw Rejection(.itemsNotAnArray) }
    guard (1...Limits.itemCount).contains(elements.count) else { throw Rejection(.itemCount) }
    var items: [Item] = []
    for (place, element) in elements.enumerated() {
      guard case .object(let members) = element else {
        throw Rejection(.itemNotAnObject, item: place)
      }
      items.append(try Item(members, place: place, fields: itemFields))
    }
    self.items = items
  }
}

extension Batch.Item {
  fileprivate init(
    _ members: [Value.Member], place: Int?, fields: [String]
  ) throws(Rejection) {
    for member in members where !member.key.isOne(of: fields) {
      throw Rejection(.unknownField, item: place, key: member.key)
    }
    self.init(members: members, place: place)
  }

  /// The identity: a string of 1 to 255 characters that is not blank, taken as it is.
  func identity() throws(Rejection) -> ExactString {
    guard let value = members["identity"] else { throw Rejection(.identityMissing, item: place) }
    guard case .string(let text) = value else { throw Rejection(.identityNotAString, item: place) }
    guard !text.unicodeScalars.allSatisfy(\.properties.isWhitespace) else {
      throw Rejection(.identityBlank, item: place)
    }
    guard text.utf16.count <= Limits.identityLength else {
      throw Rejection(.identityTooLong, item: place)
    }
    return ExactString(text)
  }

  /// The properties: a flat object, not empty, of numbers and strings within the limits.
  ///
  /// - Parameter forbidden: names that are refused, besides every casing of `id`.
  func properties(forbidden: [String]) throws(Rejection) -> [Value.Member] {
    guard let value = members["properties"] else {
      throw Rejection(.propertiesMissing, item: place)
    }
    guard case .object(let properties) = value else {
      throw Rejection(.propertiesNotAnObject, item: place)
    }
    guard !properties.isEmpty else { throw Rejection(.propertiesEmpty, item: place) }
    for property in properties {
      if let rule = Self.broken(by: property, forbidden: forbidden) {
        throw Rejection(rule, item: place, key: property.key)
      }
    }
    return properties
  }

  private static func broken(
    by property: Value.Member, forbidden: [String]
  ) -> Rejection.Rule? {
    let key = property.key
    if key.isEmpty { return .keyEmpty }
    if key.utf16.count > Limits.keyLength { return .keyTooLong }
    if key.isOne(of: ["id", "ID", "Id", "iD"]) || key.isOne(of: forbidden) { return .keyForbidden }
    switch property.value {
    case .number(let number): return number.isFinite ? nil : .valueNotFinite
    case .string(let text): return text.utf16.count > Limits.valueLength ? .valueTooLong : nil
    case .absent, .boolean, .array, .object: return .valueKind
    }
  }
}

extension String {
  fileprivate func isOne(of names: [String]) -> Bool { names.contains { isExactly($0) } }
}
