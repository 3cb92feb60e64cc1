import Definitions
import Operations
import Values

/// An overview as a JSON document.
struct ReportDocument {
  let overview: Overview
  /// Whether the values of traits are in it.
  let showsValues: Bool

  var members: [Value.Member] {
    let status = overview.status
    return [
      .init("at", .init(overview.at)), .init("users", .init(count: overview.users)),
      .init("accounts", .init(count: overview.accounts)),
      .init("events", .init(count: status.events)),
      .init("new_events", .init(count: status.newEvents)),
      .init("last_run", status.runDocument),
      .init("audiences", .array(overview.audiences.map(audience))),
      .init("traits", .array(overview.traits.map(trait))),
      .init(
        "models",
        .array(
          overview.models.map { model in
            .object([
              .init("key", .string(model.key)), .init("object", .string(model.object.rawValue)),
              .init("enabled", .boolean(model.isEnabled)),
            ])
          })),
      .init("overlap", .array(overview.overlaps.flatMap(pairs))),
      .init(
        "removed",
        .array(
          overview.removed.map { key, members in
            .object([.init("key", .string(key)), .init("members", .init(count: members))])
          })),
      .init("cut_short", .init(count: overview.cutShort)),
      .init("destinations", status.destinationDocuments),
    ]
  }

  private func definition(
    _ definition: Definition, _ members: Int, _ population: Int, _ standing: Overview.Standing,
    _ sizes: SizeSeries
  ) -> [Value.Member] {
    [
      .init("key", .string(definition.key)), .init("name", .string(definition.name)),
      .init("description", .string(definition.description)),
      .init("query", .string(definition.source[definition.query.range])),
      .init("subject", .string(definition.subject.rawValue)),
      .init("enabled", .boolean(definition.isEnabled)), .init("members", .init(count: members)),
      .init(
        "share", population > 0 ? .number(Double(members) / Double(population)) : .absent),
      .init("last_right", .init(standing.freshness?.lastRight)),
      .init("stale", .boolean(standing.freshness?.isStale ?? false)),
      .init(
        "next_run",
        standing.difference.map { difference in
          .object([
            .init("enter", .init(count: difference.enter)),
            .init("leave", .init(count: difference.leave)),
            .init("change", .init(count: difference.change)),
          ])
        } ?? .absent),
      .init(
        "sizes",
        .array(
          sizes.points.map { point in
            .object([
              .init("at", .init(point.at)), .init("members", .init(count: point.members)),
              .init("entered", .init(count: point.entered)),
              .init("left", .init(count: point.left)),
            ])
          })),
    ]
  }

  private func audience(_ audience: Overview.Audience) -> Value {
    .object(
      definition(
        audience.definition, audience.members, audience.population, audience.standing,
        audience.sizes)
        + [.init("forecast", audience.forecast?.document ?? .absent)])
  }

  private func trait(_ trait: Overview.Trait) -> Value {
    .object(
      definition(
        trait.definition, trait.members, trait.population, trait.standing, trait.sizes)
        + (showsValues ? [.init("distribution", trait.distribution?.document ?? .absent)] : []))
  }

  /// Each pair of audiences that have somebody in common, once.
  private func pairs(_ overlap: Overview.Overlap) -> [Value] {
    overlap.keys.indices.flatMap { a in
      overlap.keys.indices.dropFirst(a + 1).compactMap { b -> Value? in
        let common = overlap.table.common(a, b)
        guard common > 0 else { return nil }
        return .object([
          .init("keys", .array([.string(overlap.keys[a]), .string(overlap.keys[b])])),
          .init("common", .init(count: common)),
        ])
      }
    }
  }
}

extension Forecast {
  /// `[{days, leave, enter}]`.
  var document: Value {
    .array(
      Horizon.allCases.map { horizon in
        .object([
          .init("days", .init(count: horizon.days)),
          .init("leave", .init(count: leaving(horizon))),
          .init("enter", .init(count: entering(horizon))),
        ])
      })
  }
}

extension Distribution {
  fileprivate var document: Value {
    .object([
      .init("count", .init(count: count)),
      .init("minimum", numbers.minimum.map(Value.number) ?? .absent),
      .init("median", numbers.median.map(Value.number) ?? .absent),
      .init("maximum", numbers.maximum.map(Value.number) ?? .absent),
      .init(
        "bins",
        .array(
          numbers.bins().map { bin in
            .object([
              .init("from", .number(bin.from)), .init("to", bin.to.map(Value.number) ?? .absent),
              .init("count", .init(count: bin.count)),
            ])
          })),
      .init(
        "texts",
        .array(
          topTexts(TraitCard.texts).map { text, count in
            .object([.init("value", .string(text)), .init("count", .init(count: count))])
          })),
      .init("text_count", .init(count: textCount)),
      .init("true", .init(count: booleans.yes)), .init("false", .init(count: booleans.no)),
      .init("structured", .init(count: structured)),
    ])
  }
}
