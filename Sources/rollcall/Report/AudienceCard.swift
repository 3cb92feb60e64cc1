import Definitions
import Operations

/// One audience on a page.
struct AudienceCard {
  let audience: Overview.Audience

  private var definition: Definition { audience.definition }

  var markup: Markup {
    let noun = definition.subject == .users ? "users" : "accounts"
    return """
      <article class="card audience" id="\(anchor(definition))">\
      \(DefinitionHead(definition: definition, size: "<b>\(audience.members)</b> members, \(percentage(audience.share)) of \(noun)").markup)\
      <div class="columns"><div><h4>Size</h4>\
      \(LineChart(series: audience.sizes, noun: "members", showsFlow: true).markup)</div>\
      <div>\(forecast)\
      <h4>Definition</h4><pre class="query">\(definition.source[definition.query.range])</pre>\
      \(StandingLine(standing: audience.standing).markup)</div></div></article>

      """
  }

  private var forecast: Markup {
    guard let forecast = audience.forecast else {
      return "<p class=\"muted small\">Not enabled: its members stay as they are.</p>"
    }
    let rows: [Markup] = Forecast.Horizon.allCases.map { horizon in
      let leaving = forecast.leaving(horizon)
      let share = audience.members > 0 ? Double(leaving) / Double(audience.members) : nil
      return """
        <tr><td>\(horizon.words)</td><td class="n">\(leaving)</td><td class="n">\(percentage(share))</td>\
        <td class="n">\(forecast.entering(horizon))</td></tr>
        """
    }
    return """
      <h4>If nothing happens</h4><table class="forecast"><thead><tr><th>within</th><th class="n out">leave</th>\
      <th class="n">of members</th><th class="n in">enter</th></tr></thead><tbody>\(rows)</tbody></table>
      """
  }
}

extension Forecast.Horizon {
  /// `1 day`, `7 days`.
  var words: String { counted(days, "day") }
}

/// What a card begins with.
struct DefinitionHead {
  let definition: Definition
  let size: Markup

  var markup: Markup {
    let description: Markup =
      definition.description.isEmpty ? .nothing : "<p>\(definition.description)</p>"
    return """
      <div class="head"><div><h3>\(definition.name)</h3><code class="muted">\(definition.key)</code></div>\
      <span class="size">\(size)</span></div>\(description)
      """
  }
}

/// When a definition was last right, and what a run would change.
struct StandingLine {
  let standing: Overview.Standing

  var markup: Markup {
    var parts: [Markup] = []
    if let freshness = standing.freshness {
      let instant = freshness.lastRight?.minute ?? "never yet"
      parts.append(
        freshness.isStale
          ? "<span class=\"alarm\">Last right: \(instant), older than twice its cadence</span>"
          : "Last right: \(instant)")
    }
    if let difference = standing.difference, !difference.isEmpty {
      parts.append("A run now: \(difference.words)")
    }
    let lines: [Markup] = parts.map { "<p class=\"muted small\">\($0)</p>" }
    return "\(lines)"
  }
}

extension SnapshotDifference {
  /// `12 enter, 3 leave`.
  var words: String {
    [
      enter > 0 ? "\(grouped(enter)) enter" : nil, leave > 0 ? "\(grouped(leave)) leave" : nil,
      change > 0 ? "\(counted(change, "value")) change" : nil,
    ].compactMap(\.self).joined(separator: ", ")
  }
}
