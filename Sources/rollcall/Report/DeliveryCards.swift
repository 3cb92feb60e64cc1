import Membership
import Operations

/// The destinations on a page.
struct DeliveryCards {
  let overview: Overview

  var markup: Markup {
    let destinations = overview.status.destinations
    if destinations.isEmpty {
      return "<p class=\"muted\">No destination: nothing is sent.</p>"
    }
    let cards: [Markup] = destinations.map { Self.card($0) }
    return "\(cards)"
  }

  private static func card(_ destination: StatusReport.DestinationStatus) -> Markup {
    var rows: [Markup] = [
      row("Acknowledged", destination.acknowledged), row("Pending", destination.pending),
    ]
    if destination.inDoubt > 0 { rows.append(row("In doubt", destination.inDoubt)) }
    rows.append(row("In quarantine", destination.quarantined, isAlarm: true))
    rows.append(row("Held", destination.held, isAlarm: true))
    if destination.withoutIdentity > 0 {
      rows.append(row("Without an identity", destination.withoutIdentity))
    }
    if destination.sharedIdentity > 0 {
      rows.append(row("Sharing an identity", destination.sharedIdentity))
    }
    let batch = destination.lastBatch?.minute ?? "none yet"
    rows.append("<dt>Last batch</dt><dd>\(batch)</dd>")
    let holds: [Markup] = destination.holds.map { hold in
      "<p class=\"small alarm\">Held: \(hold.words)</p>"
    }
    let problem: Markup =
      destination.problem.map { "<p class=\"small alarm\">\($0)</p>" } ?? .nothing
    let paused = destination.isPaused ? " (paused)" : ""
    return """
      <article class="card destination"><h3>\(destination.name)\(paused)</h3>\
      <dl>\(rows)</dl>\(problem)\(holds)</article>

      """
  }

  private static func row(_ name: String, _ count: Int, isAlarm: Bool = false) -> Markup {
    let tone: Markup = isAlarm && count > 0 ? " class=\"alarm\"" : .nothing
    return "<dt>\(name)</dt><dd\(tone)>\(count)</dd>"
  }
}
