import Definitions
import Values

/// One root of an explaining program.
struct Part {
  /// Whose value a part has.
  enum Level: Hashable {
    case user, account
    /// A user of the account that is explained.
    case member
  }

  /// Many that a part asks, each of which has a value of the children.
  enum Crowd {
    /// ANY and ALL: the value of a user that decides.
    case users(deciding: Bool)
    /// The user's accounts, for the definition at this place.
    case accounts(definition: Int)
  }

  /// The place of the definition that it belongs to.
  let owner: Int
  let query: Definition.Query
  let level: Level
  /// Whether it stands in a comparison, which is about all the values that it may have.
  var isCompared = false
  var children: [Int] = []
  /// The key of the definition that the part refers to.
  var reference: String?
  var crowd: Crowd?
}

/// Takes queries apart, in pre-order.
struct Dissection {
  private(set) var parts: [Part] = []
  private let definitions: [Definition]
  private let places: [ExactString: Int]
  private var level = Part.Level.user
  /// The definitions that are explained at each level; of members, under the same ANY or ALL.
  private var seen: [Part.Level: Set<Int>] = [:]
  private var depth = 0

  /// - Parameter definitions: the last one is taken apart, with those of the others it refers to.
  init(_ definitions: [Definition]) {
    self.definitions = definitions
    places = Dictionary(
      definitions.enumerated().map { (ExactString($1.key), $0) },
      uniquingKeysWith: { first, _ in first })
    guard let last = definitions.last else { return }
    level = last.subject == .accounts ? .account : .user
    add(definitions.count - 1)
  }

  @discardableResult
  private mutating func add(_ place: Int) -> Int {
    seen[level, default: []].insert(place)
    depth += 1
    defer { depth -= 1 }
    switch definitions[place].query {
    case .audience(let condition): return add(condition, place)
    case .trait(let scalar): return add(scalar, place)
    }
  }

  private mutating func add(_ condition: Condition, _ owner: Int) -> Int {
    let index = append(.audience(condition), owner)
    switch condition.kind {
    case .and(let inner), .or(let inner):
      for inner in inner { parts[index].children.append(add(inner, owner)) }
    case .not(let inner): parts[index].children.append(add(inner, owner))
    case .anyUser(let inner): addCrowd(index, inner, owner, deciding: true)
    case .everyUser(let inner): addCrowd(index, inner, owner, deciding: false)
    case .test(let scalar, let comparator):
      addCompared(scalar, to: index, owner)
      if let operand = comparator.operand {
        if case .literal = operand.kind { break }
        addCompared(operand, to: index, owner)
      }
    }
    return index
  }

  private mutating func addCrowd(
    _ index: Int, _ inner: Condition, _ owner: Int, deciding: Bool
  ) {
    parts[index].crowd = .users(deciding: deciding)
    level = .member
    // Another ANY may show other users: each has its own explanations.
    seen[.member] = []
    parts[index].children = [add(inner, owner)]
    level = .account
  }

  private mutating func addCompared(_ scalar: Scalar, to index: Int, _ owner: Int) {
    let side = add(scalar, owner)
    parts[side].isCompared = true
    parts[index].children.append(side)
  }

  private mutating func add(_ scalar: Scalar, _ owner: Int) -> Int {
    let index = append(.trait(scalar), owner)
    if case .field(let field) = scalar.kind, field.source == .trait,
      let place = places[ExactString(field.path.name)]
    {
      parts[index].reference = field.path.name
      let outer = level
      if level == .user, definitions[place].subject == .accounts {
        parts[index].crowd = .accounts(definition: place)
        level = .account
      }
      if depth < Explainer.nestingLimit, seen[level]?.contains(place) != true {
        parts[index].children.append(add(place))
      }
      level = outer
    }
    return index
  }

  private mutating func append(_ query: Definition.Query, _ owner: Int) -> Int {
    parts.append(Part(owner: owner, query: query, level: level))
    return parts.count - 1
  }
}
