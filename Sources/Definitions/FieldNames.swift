import Values

/// The names that values have been found under, those inside of objects and arrays too.
///
/// A name whose value was absent each time is not there. Objects whose keys are data have any number
/// of names: past a limit no more are taken, and nothing is said to be missing where they were left.
struct FieldNames: Sendable {
  /// How many names are taken at most.
  static let limit = 5_000

  private var root = FieldPlace()
  private var room = Self.limit

  mutating func add(_ value: Value) { root.add(value, &room) }

  /// Whether a value was found under a path, or may have been.
  func holds(_ path: FieldPath) -> Bool {
    var place = root
    for step in path.steps {
      let (inner, isUncertain) =
        switch step {
        case .key(let key): (place.keys[key], place.isCut)
        case .each: (place.elements.first, place.hasEmptyArray)
        }
      guard let inner else { return isUncertain }
      place = inner
    }
    return true
  }

  /// All the names as a query writes them, sorted.
  var all: [String] {
    var names: [String] = []
    root.collect("", &names)
    return names.sorted { $0.precedesByScalars($1) }
  }
}

/// What stood in one place of all the values: an object has keys, an array has elements.
private struct FieldPlace: Sendable {
  private(set) var keys: [ExactString: FieldPlace] = [:]
  /// One place for all the elements; none when no array had any.
  private(set) var elements: [FieldPlace] = []
  /// Whether there was an array without elements, which says nothing about them.
  private(set) var hasEmptyArray = false
  /// Whether keys were left out.
  private(set) var isCut = false

  mutating func add(_ value: Value, _ room: inout Int) {
    switch value {
    case .object(let members):
      for member in members where member.value.isPresent {
        let key = ExactString(member.key)
        if keys[key] == nil {
          guard room > 0 else {
            isCut = true
            continue
          }
          room -= 1
        }
        keys[key, default: FieldPlace()].add(member.value, &room)
      }
    case .array(let values):
      if !values.contains(where: \.isPresent) { hasEmptyArray = true }
      for value in values where value.isPresent {
        if elements.isEmpty { elements = [FieldPlace()] }
        elements[0].add(value, &room)
      }
    default: break
    }
  }

  func collect(_ prefix: String, _ names: inout [String]) {
    // A key that is a dollar sign alone cannot be written.
    for (key, inner) in keys where key != "$" {
      let name = prefix + key.text.replacing(".", with: "\\.")
      names.append(name)
      inner.collect(name + ".", &names)
    }
    for inner in elements {
      names.append(prefix + "$")
      inner.collect(prefix + "$.", &names)
    }
  }
}
