import Delivery
import Operations
import Values

/// `1 correction …`: entries and exits in which the past is another one than was told.
func correctionsText(_ count: Int) -> String {
  "\(counted(count, "correction")) of a past that was told, not sent"
}

extension AudienceEventReport {
  var document: Value {
    .object(
      [
        .init("entered", .init(count: tally.entered)), .init("exited", .init(count: tally.exited)),
        .init("withdrawn", .init(count: tally.withdrawn)),
        .init("new_corrections", .init(count: tally.corrections)),
      ] + census.members)
  }

  /// What came of events, behind the line of the destination; nil when there is nothing to say.
  var line: String? {
    var parts: [String] = []
    if tally.count > 0 {
      parts.append("\(grouped(tally.entered)) entered, \(grouped(tally.exited)) exited")
    }
    if tally.withdrawn > 0 {
      parts.append("\(grouped(tally.withdrawn)) not true any more, not sent")
    }
    if census.owed > 0 { parts.append("\(grouped(census.owed)) pending") }
    if census.waiting > 0 { parts.append("\(grouped(census.waiting)) of them waiting") }
    if tally.corrections > 0 { parts.append(correctionsText(tally.corrections)) }
    return parts.isEmpty ? nil : "  events: " + parts.joined(separator: "; ")
  }
}

extension AudienceEventOutbox.Census {
  var members: [Value.Member] {
    [
      .init("pending", .init(count: owed)), .init("waiting", .init(count: waiting)),
      .init("in_doubt", .init(count: inDoubt)), .init("quarantined", .init(count: quarantined)),
      .init("corrections", .init(count: corrections)),
    ]
  }

  var document: Value { .object(members) }
}

extension PastEventsReport {
  var document: Value {
    .array(
      destinations.map { destination in
        .object([
          .init("name", .string(destination.name)),
          .init("entered", .init(count: destination.entered)),
          .init("exited", .init(count: destination.exited)),
          .init("corrections", .init(count: destination.corrections)),
          .init("pending_before", .init(count: destination.owedBefore)),
          .init("events", .init(count: destination.events)),
          .init("requests", .init(count: destination.delivery?.requests ?? destination.requests)),
          .init("minutes", .init(count: destination.minutes)),
          .init(
            "definitions",
            .array(
              destination.parts.map { part in
                .object([
                  .init("key", .string(part.key)), .init("entered", .init(count: part.entered)),
                  .init("exited", .init(count: part.exited)),
                ])
              })),
          .init("delivery", destination.delivery?.document ?? .absent),
        ])
      })
  }
}

/// The entries and exits of the past as people read them.
struct PastEventsText {
  private let report: PastEventsReport
  private let output: Output

  init(_ report: PastEventsReport, _ output: Output) {
    self.report = report
    self.output = output
  }

  func write() {
    for destination in report.destinations {
      var table = Table([("events", .left), ("entered", .right), ("exited", .right)])
      for part in destination.parts {
        table.add([part.key, grouped(part.entered), grouped(part.exited)])
      }
      output.line()
      for (index, line) in table.lines.enumerated() {
        output.line("  " + (index == 0 ? output.dim(line) : line))
      }
      output.line()
      if let delivery = destination.delivery {
        output.line(delivery.line)
        HoldText(delivery.holds, output).write()
        if let line = delivery.audienceEvents?.line { output.line(line) }
      } else {
        output.line(planLine(destination))
      }
    }
  }

  private func planLine(_ destination: PastEventsReport.Destination) -> String {
    guard destination.events > 0 else { return "\(destination.name): nothing to send" }
    let before =
      destination.owedBefore > 0 ? " (\(grouped(destination.owedBefore)) pending before)" : ""
    let time =
      destination.minutes > 0 ? ", about \(counted(destination.minutes, "minute"))" : ""
    let corrections =
      destination.corrections > 0 ? "; " + correctionsText(destination.corrections) : ""
    return "\(destination.name): \(counted(destination.events, "event"))\(before) in "
      + "\(counted(destination.requests, "request"))\(time)\(corrections)"
  }
}
