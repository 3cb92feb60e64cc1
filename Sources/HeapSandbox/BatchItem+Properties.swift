import Values

/// What an endpoint asks of properties besides the rules that all have.
struct PropertyRules {
  /// Whether they may be left out, or be empty.
  var areOptional = false
  /// Names that are refused.
  var forbidden: [String] = []
  /// Whether an array is joined into one string, as Heap documents it for events.
  var joinsArrays = false
}

extension BatchItem {
  /// The properties as Heap stores them: a flat object of numbers and strings within the limits.
  ///
  /// - Parameter counts: takes arrays that were joined, and in the lenient profile what was dropped
  ///   or truncated.
  func properties(
    _ rules: PropertyRules, counting counts: inout Counts
  ) throws(Rejection) -> [Value.Member] {
    guard let value = members["properties"] else {
      guard rules.areOptional else { throw Rejection(.propertiesMissing, item: place) }
      return []
    }
    guard case .object(let properties) = value else {
      throw Rejection(.propertiesNotAnObject, item: place)
    }
    guard rules.areOptional || !properties.isEmpty else {
      throw Rejection(.propertiesEmpty, item: place)
    }
    var stored: [Value.Member] = []
    for property in properties {
      let key = property.key
      do throws(Broken) {
        try Self.check(key, rules, profile)
        if let value = try form(property.value, rules, &counts) {
          stored.append(Value.Member(key, value))
        }
      } catch {
        throw Rejection(error.rule, item: place, key: key)
      }
    }
    return stored
  }

  private struct Broken: Error {
    let rule: Rejection.Rule
    init(_ rule: Rejection.Rule) { self.rule = rule }
  }

  private static func check(
    _ key: String, _ rules: PropertyRules, _ profile: HeapSandbox.Profile
  ) throws(Broken) {
    if key.isEmpty { throw Broken(.keyEmpty) }
    if key.utf16.count > Limits.keyLength(profile) { throw Broken(.keyTooLong) }
    if key.isOne(of: rules.forbidden) { throw Broken(.keyForbidden) }
  }

  /// The value as it is stored; nil when it is dropped.
  private func form(
    _ value: Value, _ rules: PropertyRules, _ counts: inout Counts
  ) throws(Broken) -> Value? {
    switch value {
    case .number(let number):
      guard number.isFinite else { throw Broken(.valueNotFinite) }
      return value
    case .string(let text):
      if text.utf16.count <= Limits.valueLength { return value }
      guard profile == .lenient else { throw Broken(.valueTooLong) }
      return .string(Self.truncated(text, &counts))
    case .array(let elements):
      guard rules.joinsArrays else { throw Broken(.valueKind) }
      var parts: [String] = []
      for element in elements {
        if let part = try part(element, &counts) { parts.append(part) }
      }
      counts[.arraysJoined] += 1
      return .string(Self.truncated(parts.joined(separator: "||"), &counts))
    case .boolean(let flag):
      guard profile == .lenient else { throw Broken(.valueKind) }
      return .string(flag ? "true" : "false")
    case .absent, .object:
      guard profile == .lenient else { throw Broken(.valueKind) }
      counts[.droppedValues] += 1
      return nil
    }
  }

  /// An element of an array as text; nil when it is dropped.
  private func part(_ element: Value, _ counts: inout Counts) throws(Broken) -> String? {
    switch element {
    case .number(let number):
      guard number.isFinite else { throw Broken(.valueNotFinite) }
      return element.textForm
    case .string(let text): return text
    case .boolean where profile == .lenient: return element.textForm
    case .absent, .array, .object, .boolean:
      guard profile == .lenient else { throw Broken(.valueKind) }
      counts[.droppedValues] += 1
      return nil
    }
  }

  /// The text up to the length at which Heap cuts, without half a character at its end.
  private static func truncated(_ text: String, _ counts: inout Counts) -> String {
    guard text.utf16.count > Limits.truncatedLength else { return text }
    counts[.truncatedValues] += 1
    var cut = ""
    var length = 0
    for scalar in text.unicodeScalars {
      length += UTF16.width(scalar)
      if length > Limits.truncatedLength { break }
      cut.unicodeScalars.append(scalar)
    }
    return cut
  }
}
