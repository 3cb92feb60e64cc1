import Values

/// A checked definition: what a file asks, ready to be compiled for any engine.
public struct Definition: Sendable {
  public enum Kind: String, Sendable { case audience, trait }

  /// Whom a definition is about.
  public enum Subject: String, Sendable { case users, accounts }

  /// Which kinds of objects get the value at a destination.
  public enum Recipients: String, Sendable, CaseIterable { case users, accounts, both }

  public enum Stratum: Int, Sendable, Comparable {
    case users, accounts, usersOfAccounts

    public static func < (a: Stratum, b: Stratum) -> Bool { a.rawValue < b.rawValue }
  }

  /// What is asked of each profile.
  public enum Query: Sendable {
    case audience(Condition)
    case trait(Scalar)
  }

  /// How large a part of the acknowledged members may change unapproved.
  public enum Guard: Sendable, Equatable {
    case off
    case percent(Int)
  }

  /// The property under which the value goes out; unique in a project.
  public let key: String
  public let name: String
  public let description: String
  public let subject: Subject
  /// Who gets the value: with `type: users` the users; accounts, or each of their users, or both.
  public let recipients: Recipients
  /// A definition that is off is frozen: not evaluated, nothing sent.
  public let isEnabled: Bool
  public let includesAnonymous: Bool
  public let guardLimit: Guard
  /// Whether its value is the identity by which destinations know a user, and no property.
  public internal(set) var isIdentity = false
  public internal(set) var query: Query
  /// What the file says that the query comes to, line by line.
  public let examples: [Example]
  /// The keys of the definitions that this one refers to, without repetition.
  public internal(set) var references: [String] = []
  /// When it can be evaluated: what is about users first, then what is about accounts, then what
  /// is about users and refers to accounts.
  public internal(set) var stratum = Stratum.users
  /// Every trait that the query names, with its places.
  let traitFields: [TraitReference]
  public let source: SourceText
  let keyRange: SourceRange

  public var kind: Kind {
    switch query {
    case .audience: .audience
    case .trait: .trait
    }
  }

  /// The definition in one spelling: it has changed when this has.
  public var canonicalText: String {
    let text =
      switch query {
      case .audience(let condition): Canonical.text(condition)
      case .trait(let scalar): Canonical.text(scalar)
      }
    return "\(kind.rawValue) \(subject.rawValue)\(includesAnonymous ? " anonymous" : ""): \(text)"
  }

  /// Whether the trait is a count, whose 0 says as much as never having sent one.
  public var isCount: Bool {
    guard case .trait(let scalar) = query, case .reduction(_, let reducer) = scalar.kind else {
      return false
    }
    switch reducer {
    case .count, .uniqueCount: return true
    default: return false
    }
  }
}
