import Definitions
import Values

/// The spells of all definitions in a range of time, for one profile after another.
///
/// It is `evaluate` at every instant of the range at once. What a scan can do in one pass is swept
/// (`SpellSweep`): events enter windows and leave them in the order of time. Everything else is stepped
/// from next change to next change (`Evaluator.addSpells`). The tests hold both to the oracle, and to one
/// another.
///
/// Spells are clipped to the range. It belongs to one thread, and keeps its memory.
public struct SpellEvaluator: ~Copyable {
  private let from: Int64
  private let to: Int64
  private let sweeps: Bool
  private var evaluator: Evaluator
  private var sweep: SpellSweep
  /// Which definitions are about users and ask no accounts; which of them are stepped, and which are
  /// evaluated for that.
  private let ofUsers: [Bool]
  private let stepped: [Bool]
  private let evaluated: [Bool]
  private let ofAccounts: [Bool]
  private let ofUsersOfAccounts: [Bool]

  /// Whether accounts have spells, and whether users have some that depend on their accounts.
  public let asksAccounts: Bool
  public let refersToAccounts: Bool

  /// The spells of the last profile, by the places of the definitions.
  public private(set) var spells: Spells

  /// - Parameters:
  ///   - definitions: in dependency order, with all that they refer to.
  ///   - from: the first instant.
  ///   - to: the first instant behind the range.
  public init(_ definitions: [Definition], _ names: NameTable, from: Instant, to: Instant) {
    self.init(definitions, names, from: from, to: to, sweeps: true)
  }

  /// - Parameter sweeps: whether anything is swept; if not, all is stepped.
  init(
    _ definitions: [Definition], _ names: NameTable, from: Instant, to: Instant, sweeps: Bool
  ) {
    self.from = from.milliseconds
    self.to = to.milliseconds
    self.sweeps = sweeps
    evaluator = Evaluator(Program(definitions, names))
    func places(_ stratum: Definition.Stratum) -> [Bool] {
      definitions.map { $0.isEnabled && $0.stratum == stratum }
    }
    let ofUsers = places(.users)
    self.ofUsers = ofUsers
    ofAccounts = places(.accounts)
    ofUsersOfAccounts = places(.usersOfAccounts)
    asksAccounts = ofAccounts.contains(true)
    refersToAccounts = ofUsersOfAccounts.contains(true)
    let users = definitions.indices.filter { ofUsers[$0] }
    sweep = SpellSweep(
      sweeps ? users.map { definitions[$0] } : [], places: users, names, from: self.from,
      to: self.to)
    let swept = sweep.swept
    let stepped = definitions.indices.map { ofUsers[$0] && !swept.contains($0) }
    self.stepped = stepped
    let needed = definitions.places(
      neededFor: Set(definitions.indices.filter { stepped[$0] }.map { definitions[$0].key }))
    evaluated = definitions.indices.map { ofUsers[$0] && needed.contains($0) }
    spells = Spells(places: definitions.count)
  }

  /// Finds the spells of a user, or of an anonymous profile, in the definitions that ask no accounts.
  public mutating func evaluate(user history: Span<UInt8>) {
    spells.removeAll()
    guard !history.isEmpty else { return }
    guard sweeps else { return step(history, evaluated: ofUsers, wanted: ofUsers) }
    switch sweep.sweep(history, into: &spells) {
    case .whole: break
    case .part: step(history, evaluated: evaluated, wanted: stepped)
    case .anonymous: step(history, evaluated: ofUsers, wanted: ofUsers)
    }
  }

  private mutating func step(_ history: Span<UInt8>, evaluated: [Bool], wanted: [Bool]) {
    let copy = history.withUnsafeBufferPointer { Array($0) }
    evaluator.addSpells(
      of: History(bytes: copy), evaluated: evaluated, wanted: wanted, from: from, to: to,
      into: &spells)
  }

  /// Adds those in the definitions that ask the user's accounts, behind `evaluate(user:)`.
  public mutating func addOfAccounts(_ user: UserHistory) {
    guard refersToAccounts, !user.calls.isEmpty else { return }
    evaluator.addSpells(
      of: .user(user), wanted: ofUsersOfAccounts, from: from, to: to, into: &spells)
  }

  /// Finds the spells of an account.
  public mutating func evaluate(account: AccountHistory) {
    spells.removeAll()
    guard asksAccounts else { return }
    evaluator.addSpells(
      of: .account(account), wanted: ofAccounts, from: from, to: to, into: &spells)
  }
}
