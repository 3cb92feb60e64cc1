import Operations

/// What a full run at the instant would change, on a page.
struct NextRunCard {
  let overview: Overview

  private var differences: [(name: String, words: String)] {
    let audiences = overview.audiences.map { ($0.definition.name, $0.standing.difference) }
    let traits = overview.traits.map { ($0.definition.name, $0.standing.difference) }
    return (audiences + traits).compactMap { name, difference in
      difference.flatMap { $0.isEmpty ? nil : (name, $0.words) }
    } + overview.removed.map { ($0.key, "its file is gone: \(grouped($0.members)) are taken away") }
  }

  var markup: Markup {
    guard let last = overview.status.lastRun else {
      return "<p class=\"muted\">There was no run yet: the first one makes everything new.</p>"
    }
    let rows: [Markup] = differences.map { "<dt>\($0.name)</dt><dd>\($0.words)</dd>" }
    let changes: Markup =
      rows.isEmpty
      ? "<p>A run at this instant would change nothing.</p>"
      : "<p>A run at this instant would change:</p><dl>\(rows)</dl>"
    let cutShort: Markup =
      overview.cutShort > 0
      ? """
      <p class="muted small">The forecasts lack later changes of \(overview.cutShort) profiles: their \
      histories are too long to be followed to the end.</p>
      """ : .nothing
    return """
      <div class="card">\(changes)\
      <p class="muted small">Run \(Int(last.id)) at \(last.at.minute) evaluated \
      \(last.evaluated) profiles: \(last.entered) entered, \(last.left) left, \(last.changed) values changed. \
      \(overview.status.newEvents) events came after it.</p>\(cutShort)</div>
      """
  }
}
