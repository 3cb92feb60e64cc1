import Definitions
import Values

/// Definitions compiled for evaluation: nodes in flat arrays that refer to one another by index.
///
/// A program belongs to the `NameTable` that it was compiled with, and to histories packed with it.
public struct Program: Sendable {
  typealias Index = Int32

  /// A run of indices in `children`.
  typealias Children = Range<Index>

  enum ConditionNode: Sendable {
    case and(Children)
    case or(Children)
    case not(Index)
    /// Some user of the account, and every one.
    case anyUser(Index)
    case everyUser(Index)
    case compare(Index, Relation, Index)
    /// A count held against a constant: the instant of the flip is found by looking ahead.
    case countAgainst(Index, Relation, Double)
    case exists(Index)
    case absent(Index)
    /// The literals are a run of `literals`.
    case contains(Index, Children)
    case omits(Index, Children)
    case oneOf(Index, Children)
    case noneOf(Index, Children)
    case startsWith(Index, Index)
    case endsWith(Index, Index)
    case before(Index, Index)
    case after(Index, Index)
    /// `now + from <= v <= now + to`, in milliseconds; `.min` and `.max` are open ends.
    case dateWithin(Index, from: Int64, to: Int64)
  }

  enum ScalarNode: Sendable {
    case literal(Index)
    case definition(Index)
    case trait(Index)
    case property(Index)
    case parentProperty(Index)
    case context(Index)
    case timestamp
    case reduction(stream: Index, ReducerNode)
  }

  enum ReducerNode: Sendable, Hashable {
    case count
    case sum(Index)
    case average(Index)
    case extreme(Index, isMaximum: Bool, asText: Bool)
    case first(Index)
    case last(Index)
    case mode(Index, atLeast: Int)
    case unique(Index)
    case uniqueCount(Index)
  }

  enum FilterNode: Sendable {
    case condition(Index)
    case excludeSources(Children)
    case within(from: Int64, to: Int64)
    case parentWindow(from: Int64, to: Int64)
    case session(Int64)
  }

  /// The events of one name, with what keeps them.
  struct StreamNode: Sendable {
    /// Which of the program's event names.
    var slot: Index
    /// Counts when `now - high <= t <= now - low`; all windows measured from now, in one.
    var low: Int64 = 0
    var high: Int64 = .max
    /// How many other events it stands inside.
    var depth: Int
    /// `p + parentLow <= t <= p + parentHigh`, and `t > p`; only inside another event.
    var isNested: Bool { depth > 0 }
    var parentLow: Int64 = 1
    var parentHigh: Int64 = .max
    /// `where` and `sources` when there is no session; otherwise all filters in their order.
    var filters: [FilterNode] = []
    var hasSession: Bool
    /// Whether what passes the filters may be another thing for another parent event.
    var asksParent = false

    /// The first millisecond at which an event no longer counts; `.max` when it always will.
    func exit(of time: Int64) -> Int64 { high == .max ? .max : time + high + 1 }
  }

  /// What a definition comes to.
  enum Root: Sendable {
    case audience(Index)
    case trait(Index)
    /// A bare `$` path: the array of its values.
    case list(Index)
    /// Not enabled: frozen, not evaluated.
    case off
  }

  var children: [Index] = []
  var conditions: [ConditionNode] = []
  var scalars: [ScalarNode] = []
  var streams: [StreamNode] = []
  var literals: [Value] = []
  var paths: [CompiledPath] = []
  /// Scalars that count only when they are an array (`mode(… as array)` of a `$` path).
  var wholeArrays: Set<Index> = []
  var roots: [Root] = []
  /// The slot of each name number, or -1 for names that no definition asks for.
  var slots: [Index] = []
  var slotCount = 0
  let names: NameTable
  /// The number of `source_id`, which `sources` reads of a context.
  let sourceKey: Index

  /// When each definition is evaluated.
  let strata: [Definition.Stratum]
  /// Which definitions about users some account asks its users for.
  let neededByMembers: [Bool]
  /// Whether each definition is an audience.
  let isAudience: [Bool]

  /// Whether each definition takes in profiles with an anonymous id alone.
  let includesAnonymous: [Bool]

  /// The keys of the definitions, in the order in which an evaluation gives their values.
  public let keys: [String]

  /// Compiles definitions that stand in dependency order, as a project gives them.
  public init(_ definitions: [Definition], _ names: NameTable) {
    self.init(definitions, parts: [], names)
  }

  /// - Parameter parts: pieces of the definitions, each as a definition of its own behind them, and
  ///   whether the users of an account are asked for it. They have values, and no keys by which one
  ///   could refer to them.
  init(
    _ definitions: [Definition], parts: [(definition: Definition, isOfMember: Bool)],
    _ names: NameTable
  ) {
    self.names = names
    keys = definitions.map(\.key)
    let all = definitions + parts.map(\.definition)
    includesAnonymous = all.map(\.includesAnonymous)
    strata =
      definitions.map(\.stratum) + parts.map { $0.isOfMember ? .users : $0.definition.stratum }
    isAudience = all.map { $0.kind == .audience }
    neededByMembers = Self.neededByMembers(definitions) + parts.map(\.isOfMember)
    sourceKey = names.number(of: "source_id")
    var compiler = Compiler(definitions, names)
    for definition in all {
      roots.append(definition.isEnabled ? compiler.root(definition, &self) : .off)
    }
  }

  private static func neededByMembers(_ definitions: [Definition]) -> [Bool] {
    var needed: Set<String> = []
    for definition in definitions.reversed()
    where definition.stratum == .accounts || needed.contains(definition.key) {
      needed.formUnion(definition.references)
    }
    return definitions.map { $0.stratum == .users && needed.contains($0.key) }
  }
}
