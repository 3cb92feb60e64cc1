import Definitions
import Values

/// Why a definition has its value: the parts of its query as a tree, each with what it came to.
public struct Explanation: Sendable {
  /// A user or an account, by its number.
  public enum Whose: Sendable, Equatable {
    case user(Int64)
    case account(Int64)
  }

  /// Whose the part and its children are, where that is another than around it.
  public let whose: Whose?
  /// The definition whose query the part belongs to.
  public let definition: Definition
  /// The part: a condition, or a value.
  public let query: Definition.Query
  public let value: Value
  /// The instant up to which the value holds if nothing happens. It may be early, never late.
  public let until: Instant
  public let source: Source
  /// The conditions in a condition; of a comparison the value to its left, and the one to its right
  /// unless that is a literal; the query of a definition that is referred to. Under `users` and
  /// `accountDefinition` one child for each of the first in the crowd.
  public let children: [Explanation]

  /// What a part's value was made of.
  public enum Source: Sendable {
    /// Of the children, or of nothing but itself.
    case parts
    case events(Events)
    /// The event row of the call that decides a custom trait, also by removing it; nil when there
    /// was none. It is an identify call of a user, a group call of an account.
    case customTrait(row: Int64?)
    /// Another definition, by its key. It is the child, unless it is explained elsewhere in the tree,
    /// stands too deep, or does not take in the profile.
    case definition(key: String)
    /// A definition about accounts, by its key, asked of the user's accounts. Without children when
    /// it is explained elsewhere in the tree, or stands too deep.
    case accountDefinition(key: String, Crowd)
    /// ANY and ALL: what stands inside, asked of the account's users.
    case users(Crowd)
  }

  /// The users of an account, or the accounts of a user, that a part asks.
  public struct Crowd: Sendable, Equatable {
    public let count: Int
    /// For how many the condition holds; how many have a value.
    public let holding: Int

    public init(count: Int, holding: Int) {
      self.count = count
      self.holding = holding
    }
  }

  /// The events of a stream.
  public struct Events: Sendable {
    /// The first instant of the window from now; nil when it has no beginning.
    public let from: Instant?
    /// The last instant of the window: now, unless a `between` ends earlier.
    public let to: Instant
    /// The rows of the events that were kept, in the order of (time, arrival).
    public let rows: [Int64]
    /// How many events of the name there are up to now.
    public let named: Int
  }
}
