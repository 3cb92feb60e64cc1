import Definitions
import Operations
import Values

extension Verb {
  static let history = Verb(
    "history", "the size of a definition over time, who came and who went", operands: "KEY",
    count: 1...1,
    flags: [
      Flag("--by", "PERIOD", "day, week or month, in UTC (day)"),
      Flag("--from", "INSTANT", "the first instant (the first that is known)"),
      Flag("--to", "INSTANT", "the first instant behind the range (behind the last that is known)"),
      Flag("--format", "FORMAT", "csv or ndjson in place of a table"),
    ]
  ) { call in
    let name = call.arguments["--by"] ?? "day"
    guard let period = Period(rawValue: name) else {
      throw OperationError(
        .usage, "'--by' is day, week or month",
        help: Suggestion.help(for: name, in: Period.allCases.map(\.rawValue)))
    }
    let format = try call.arguments["--format"].map { name in
      guard let format = Session.ExportFormat(rawValue: name) else {
        throw OperationError(
          .usage, "'--format' is ndjson or csv",
          help: Suggestion.help(for: name, in: Session.ExportFormat.allCases.map(\.rawValue)))
      }
      return format
    }
    let history = try call.session.history(
      call.arguments.operands[0], by: period, from: try call.arguments.instant("--from"),
      to: try call.arguments.instant("--to"))
    let text = HistoryText(history: history)
    if call.isJSON {
      call.output.document(text.document)
    } else if let format {
      call.output.write(text.lines(format))
    } else {
      text.write(call.output)
    }
    return .done
  }
}

/// A history as a table, as lines and as a document.
struct HistoryText {
  let history: SizeHistory

  var document: [Value.Member] {
    [
      .init("key", .string(history.key)), .init("kind", .string(history.kind)),
      .init("by", .string(history.period.rawValue)), .init("edited", .boolean(history.isEdited)),
      .init("periods", .array(history.points.map(Self.value))),
    ]
  }

  private static func value(_ point: SizeHistory.Point) -> Value {
    let isKnown = point.source != nil
    return .object([
      .init("from", .init(point.from)), .init("to", .init(point.to)),
      .init("source", .init(point.source?.rawValue)),
      .init("size", isKnown ? .init(count: point.size) : .absent),
      .init("entered", isKnown ? .init(count: point.entered) : .absent),
      .init("left", isKnown ? .init(count: point.left) : .absent),
      .init("changed", isKnown ? .init(count: point.changed) : .absent),
    ])
  }

  func lines(_ format: Session.ExportFormat) -> String {
    switch format {
    case .ndjson: return history.points.map { Self.value($0).json + "\n" }.joined()
    case .csv:
      let rows = history.points.map { point in
        let counts = [point.size, point.entered, point.left, point.changed]
        let cells = counts.map { point.source == nil ? "" : String($0) }
        return [point.from.description, point.to.description, point.source?.rawValue ?? ""] + cells
      }
      return
        ([["from", "to", "source", "size", "entered", "left", "changed"]] + rows)
        .map { $0.joined(separator: ",") + "\n" }.joined()
    }
  }

  func write(_ output: Output) {
    let isTrait = history.kind == "trait"
    var table = Table([
      (history.period.rawValue, .left), (isTrait ? "values" : "members", .right),
      (isTrait ? "came" : "enter", .right), (isTrait ? "went" : "leave", .right),
      ("change", .right), ("from", .left), ("", .left),
    ])
    let largest = max(1, history.points.map(\.size).max() ?? 1)
    for point in history.points {
      guard let source = point.source else {
        table.add([Self.day(point.from), "?", "", "", "", "unknown", ""])
        continue
      }
      table.add([
        Self.day(point.from), grouped(point.size), Self.count(point.entered, "+"),
        Self.count(point.left, "-"), Self.count(point.changed, ""), source.rawValue,
        Self.bar(point.size, of: largest),
      ])
    }
    output.line(output.bold(history.key))
    for line in table.lines { output.line("  " + line) }
    if history.isEdited {
      output.line(
        "  spells of an earlier query are left out: 'rollcall backfill' computes them anew")
    }
  }

  /// The date, and the time where a range begins inside of a day.
  private static func day(_ instant: Instant) -> String {
    let text = instant.description
    return text.hasSuffix("T00:00:00.000Z") ? String(text.prefix(10)) : text
  }

  private static func count(_ count: Int, _ sign: String) -> String {
    count == 0 ? "·" : sign + grouped(count)
  }

  private static func bar(_ size: Int, of largest: Int) -> String {
    let eighths = (size * 160 + largest - 1) / largest
    let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    return String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
  }
}
