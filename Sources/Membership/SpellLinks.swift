import SQLite

/// Whose each id was for the spells that are stored, held against whose it is now.
public struct SpellLinks {
  /// The ids that belong to another profile than before.
  public struct Difference: Sendable {
    /// Each id with its profile of now; nil for itself.
    public fileprivate(set) var roots: [Int64: Int64?] = [:]
    /// These ids, and the profiles that gained or lost them.
    public fileprivate(set) var profiles: Set<Int64> = []
  }

  private let connection: Connection

  public init(_ connection: Connection) { self.connection = connection }

  /// The last event with which the links became another: who was computed up to a later one knew them.
  public func watermark() throws -> Int64 {
    try connection.prepare("SELECT watermark FROM spell_linked").first { $0.int(0) } ?? 0
  }

  /// Only in a view of the store in which the links are brought up to date.
  public func difference() throws -> Difference {
    var difference = Difference()
    let former = try connection.prepareFresh(
      "SELECT identity, root FROM spell_links EXCEPT SELECT identity, root FROM links"
    ).all { (identity: $0.int(0), root: $0.int(1)) }
    let current = try connection.prepareFresh(
      "SELECT identity, root FROM links EXCEPT SELECT identity, root FROM spell_links"
    ).all { (identity: $0.int(0), root: $0.int(1)) }
    for link in former { difference.roots[link.identity] = .some(nil) }
    for link in current { difference.roots[link.identity] = link.root }
    for link in former + current { difference.profiles.formUnion([link.identity, link.root]) }
    return difference
  }

  /// Takes a difference in. Only inside a write transaction.
  public func store(_ difference: Difference, watermark: Int64) throws {
    guard !difference.roots.isEmpty else { return }
    for (identity, root) in difference.roots.sorted(by: { $0.key < $1.key }) {
      if let root {
        try connection.run(
          "INSERT OR REPLACE INTO spell_links(identity, root) VALUES (?, ?)", .init(identity),
          .init(root))
      } else {
        try connection.run("DELETE FROM spell_links WHERE identity = ?", .init(identity))
      }
    }
    try connection.run("UPDATE spell_linked SET watermark = ?", .init(watermark))
  }
}
