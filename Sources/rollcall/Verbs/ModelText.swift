import Definitions
import Models
import Operations
import Values

extension ModelReport {
  var document: Value {
    .object([
      .init("key", .string(key)), .init("object", .string(object.rawValue)),
      .init("new", .boolean(isNew)), .init("rows", .init(count: rows)),
      .init("invalid", InvalidRowsText(invalid).document), .init("owed", .init(count: owed)),
      .init("impossible", .init(count: impossible)), .init("shortened", .init(count: shortened)),
      .init("problem", .init(problem)),
    ])
  }

  /// The same in words.
  var line: String {
    if let problem { return "  \(key): \(problem)" }
    let unit = object == .event ? "event" : "value"
    var parts = [counted(rows, "row")]
    if invalidCount > 0 { parts.append(InvalidRowsText(invalid).words) }
    if impossible > 0 { parts.append("\(counted(impossible, unit)) cannot be sent") }
    if shortened > 0 { parts.append("\(counted(shortened, "text")) cut to the limit") }
    parts.append(owed > 0 ? "\(counted(owed, unit)) to send" : "nothing to send")
    return "  \(key): " + parts.joined(separator: "; ") + (isNew ? " (new)" : "")
  }
}

/// How many rows cannot be sent, by reason.
struct InvalidRowsText {
  let counts: [InvalidRow: Int]

  init(_ counts: [InvalidRow: Int]) { self.counts = counts }

  /// The counts by reason, those that there are.
  var document: Value {
    .object(
      InvalidRow.allCases.compactMap { reason in
        counts[reason].map { Value.Member(reason.rawValue, .init(count: $0)) }
      })
  }

  /// `3 rows invalid: 2 without a key, 1 with a key of more than one row`.
  var words: String {
    let parts = InvalidRow.allCases.compactMap { reason in
      counts[reason].map { "\(grouped($0)) \(reason.words)" }
    }
    let total = counts.values.reduce(0, +)
    return "\(counted(total, "row")) invalid: " + parts.joined(separator: ", ")
  }
}

extension InvalidRow {
  fileprivate var words: String {
    switch self {
    case .nullKey: "without a key"
    case .blankKey: "with a blank key"
    case .longKey: "with a key that is too long"
    case .badKey: "with a key that is neither text nor an integer"
    case .duplicateKey: "with a key of more than one row"
    case .badEvent: "without a usable event name"
    case .badTimestamp: "with a time that is no ISO 8601"
    case .badValue: "with a blob"
    }
  }
}

/// A model's preview as it is printed.
struct ModelPreviewText {
  let report: ModelPreviewReport
  let showsValues: Bool

  var members: [Value.Member] {
    [
      .init("key", .string(report.model.key)), .init("kind", .string("model")),
      .init("object", .string(report.model.object.rawValue)), .init("at", .init(report.at)),
      .init("size", .init(count: report.rows - report.invalidCount)),
      .init("rows", .init(count: report.rows)),
      .init("invalid", InvalidRowsText(report.invalid).document),
      .init("properties", .array(report.properties.map(Value.string))),
      .init("sample", .array(report.sample.map(document))),
    ]
  }

  private func document(_ row: ModelPreviewReport.Row) -> Value {
    let name = report.model.object == .account ? "account_id" : "identity"
    var members: [Value.Member] = [.init(name, .string(row.identity))]
    if let insertID = row.insertID { members.append(.init("insert_id", .string(insertID))) }
    if let event = row.event {
      members.append(.init("event", .string(event)))
      members.append(.init("timestamp", .init(row.timestamp)))
    }
    if showsValues {
      members.append(
        .init("properties", .object(row.properties.map { Value.Member($0.name, $0.value) })))
    }
    return .object(members)
  }

  func write(_ output: Output) {
    output.line(output.bold(report.model.key) + "  \(report.model.name)")
    if !report.model.description.isEmpty { output.line("  \(report.model.description)") }
    let valid = report.rows - report.invalidCount
    output.line("  \(counted(valid, report.model.object.rawValue)), at \(report.at)")
    if report.invalidCount > 0 { output.line("  \(InvalidRowsText(report.invalid).words)") }
    for row in report.sample {
      var words = [row.insertID, row.identity].compactMap { $0 }
      if let event = row.event { words.append(event) }
      if let timestamp = row.timestamp { words.append(timestamp.description) }
      if showsValues { words += row.properties.map { "\($0.name)=\($0.value.json)" } }
      output.line("    " + words.joined(separator: "  "))
    }
    if valid > report.sample.count {
      output.line("    … and \(grouped(valid - report.sample.count)) more")
    }
  }
}
