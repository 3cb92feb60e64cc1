import Definitions
import Delivery
import Membership
import Models
import SQLite
import Values

/// What came of one model at one destination.
public struct ModelReport: Sendable {
  public let key: String
  public let object: ModelDefinition.Object
  /// The destination did not know the model.
  public internal(set) var isNew = false
  /// Rows that the model gave.
  public internal(set) var rows = 0
  /// Rows that cannot be sent, by reason.
  public internal(set) var invalid: [InvalidRow: Int] = [:]
  /// Values, or events, that the destination was owed then.
  public internal(set) var owed = 0
  /// Values, or events, that cannot be sent to it.
  public internal(set) var impossible = 0
  /// Texts that are cut to its limit.
  public internal(set) var shortened = 0
  /// Why the model gave nothing; nil when it ran.
  public internal(set) var problem: String?

  public var invalidCount: Int { invalid.values.reduce(0, +) }
}

/// Runs the models, each once, and notes what each destination is owed.
///
/// A model runs when a destination is due, behind the roll call, and reads what that committed. In a
/// plan it runs on the plan's own connection, and reads what is taken back.
final class ModelRun {
  private let models: [ModelDefinition]
  private let at: Instant
  private let reader: () throws -> Connection
  private var results: [String: Result<ModelRows, ModelFailure>] = [:]

  /// - Parameter reader: the connection that the models read by.
  init(_ models: [ModelDefinition], at: Instant, reader: @escaping () throws -> Connection) {
    self.models = models
    self.at = at
    self.reader = reader
  }

  /// A run over a store: its models read by a connection of their own, which may only read.
  static func over(_ store: Store, _ models: [ModelDefinition], at: Instant) -> ModelRun {
    ModelRun(models, at: at) { try Connection(path: store.path, mode: .readOnly) }
  }

  /// Runs what has not run yet, and takes it for one destination.
  ///
  /// - Parameter write: runs its argument inside a write transaction.
  func take(
    for state: DestinationState, _ destination: DestinationDefinition, _ connection: Connection,
    write: (() throws -> Void) throws -> Void
  ) throws -> [ModelReport] {
    let enabled = models.filter(\.isEnabled)
    let rows = try enabled.map { (model: $0, result: try result(of: $0)) }
    var reports: [ModelReport] = []
    try write {
      try ModelTaking.register(models, connection)
      let taking = ModelTaking(connection, state, destination, at: at)
      reports = try rows.map { model, result in
        var report = ModelReport(key: model.key, object: model.object)
        switch result {
        case .failure(let failure): report.problem = failure.words
        case .success(let rows):
          let outcome = try taking.take(rows, of: model)
          report.isNew = outcome.isNew
          report.rows = rows.count
          report.invalid = rows.invalid
          report.owed = outcome.owed
          report.impossible = outcome.impossible
          report.shortened = outcome.shortened
        }
        return report
      }
    }
    return reports
  }

  private func result(of model: ModelDefinition) throws -> Result<ModelRows, ModelFailure> {
    if let known = results[model.key] { return known }
    let connection = try reader()
    let result: Result<ModelRows, ModelFailure>
    do throws(ModelFailure) {
      result = .success(try ModelRows(ModelQuery(model), connection, at: at))
    } catch {
      result = .failure(error)
    }
    results[model.key] = result
    return result
  }
}
