/// What a destination keeps properties of. The numbers are those of `identities.kind`.
public enum ObjectKind: Int64, Sendable, CaseIterable {
  case user = 0
  case account = 2
  /// Of models alone: nothing in `identities` is one.
  case event = 3

  /// All kinds in the order in which they are sent: an account shows at users who are known.
  public static let inOrder: [ObjectKind] = [.user, .account]

  /// The number in place of a definition's for the property that holds a user's latest account.
  public static let accountProperty: Int64 = 0
}
