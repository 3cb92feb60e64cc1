import Definitions
import Models
import SQLite
import Values

/// What a model gives as it stands in its file.
public struct ModelPreviewReport: Sendable {
  /// A row that would be sent.
  public struct Row: Sendable {
    public let identity: String
    public let insertID: String?
    public let event: String?
    public let timestamp: Instant?
    /// What it says, by property; absent ones are left out.
    public let properties: [(name: String, value: Value)]
  }

  public let model: ModelDefinition
  public let at: Instant
  /// Rows in all.
  public let rows: Int
  /// Rows that cannot be sent, by reason.
  public let invalid: [InvalidRow: Int]
  public let properties: [String]
  /// The first rows that can.
  public let sample: [Row]

  public var invalidCount: Int { invalid.values.reduce(0, +) }
}

extension Session {
  /// Runs one model over the events as they are, with ids as the last run merged them. Nothing is
  /// written.
  ///
  /// - Returns: nil when the folder has no model of this key.
  public func modelPreview(_ key: String, sampleSize: Int = 10) throws -> ModelPreviewReport? {
    let project = try project()
    guard let model = project.models.first(where: { $0.key == key }) else { return nil }
    let now = now
    return try onStore {
      let store = try open()
      let connection = try Connection(path: store.path, mode: .readOnly)
      do throws(ModelFailure) {
        let rows = try ModelRows(ModelQuery(model), connection, at: now)
        return ModelPreviewReport(
          model: model, at: now, rows: rows.count, invalid: rows.invalid,
          properties: rows.properties,
          sample: rows.rows.prefix(sampleSize).map { row in
            ModelPreviewReport.Row(
              identity: row.identity, insertID: row.insertID, event: row.event,
              timestamp: row.timestamp,
              properties: zip(rows.properties, row.values).filter { $0.1.isPresent }.map {
                (name: $0.0, value: $0.1)
              })
          })
      } catch {
        throw OperationError(.wrong, "the model '\(key)' gave no rows: \(error.words)")
      }
    }
  }
}
