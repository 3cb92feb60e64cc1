import Definitions
import Membership
import Values

/// How the audiences and traits of a store stand at an instant, where they come from, and where they
/// go if nothing happens. No identity is in it.
public struct Overview: Sendable {
  public struct Audience: Sendable {
    public let definition: Definition
    /// Members at the instant; of one that is not enabled, as they were frozen.
    public let members: Int
    /// How many there are of whom it is about.
    public let population: Int
    /// Its size as of the runs that are kept.
    public let sizes: SizeSeries
    /// Nil for one that is not enabled.
    public let forecast: Forecast?
    public let standing: Standing

    /// From 0 to 1; nil when there is nobody.
    public var share: Double? {
      population > 0 ? Double(members) / Double(population) : nil
    }
  }

  public struct Trait: Sendable {
    public let definition: Definition
    /// Who has a value at the instant; of one that is not enabled, as it was frozen.
    public let members: Int
    public let population: Int
    public let sizes: SizeSeries
    /// Nil for one that is not enabled.
    public let distribution: Distribution?
    public let standing: Standing
  }

  /// How a definition stands in the store.
  public struct Standing: Sendable {
    /// Nil for one that is not enabled, or that no run has met.
    public let freshness: Freshness?
    /// What a full run at the instant would change; nil before the first run.
    public let difference: SnapshotDifference?
  }

  /// The audiences about users, or about accounts, held against one another.
  public struct Overlap: Sendable {
    public let subject: Definition.Subject
    /// In the order of the table.
    public let keys: [String]
    public let table: CrossTable
  }

  public let at: Instant
  /// Who takes part at the instant: users, and anonymous profiles where a definition includes them.
  public let users: Int
  /// Accounts at the instant; 0 when no definition asks for them.
  public let accounts: Int
  public let audiences: [Audience]
  public let traits: [Trait]
  public let models: [ModelDefinition]
  public let overlaps: [Overlap]
  /// Definitions that the store has and the folder has not: the next run takes their values away.
  public let removed: [(key: String, members: Int)]
  /// Profiles whose future was too long to be followed to its end: the forecasts lack their later
  /// changes.
  public let cutShort: Int
  public let status: StatusReport
}
