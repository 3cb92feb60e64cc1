import Operations
import Values

extension Verb {
  static let metrics = Verb(
    "metrics", "counts and ages for a monitoring system, in Prometheus' text format"
  ) { call in
    let families = try call.session.status().metrics
    if call.isJSON {
      call.output.document([.init("metrics", .array(families.map(\.document)))])
    } else {
      call.output.write(families.map(\.text).joined())
    }
    return .done
  }
}

extension MetricFamily {
  /// The family as Prometheus reads it; a family without a sample is left out.
  ///
  /// Source: "Exposition formats", text-based format 0.0.4.
  fileprivate var text: String {
    guard !samples.isEmpty else { return "" }
    let lines = samples.map { sample in
      let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
      return name + (labels.isEmpty ? "" : "{" + labels.joined(separator: ",") + "}") + " "
        + Value.number(sample.value).json + "\n"
    }
    return "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n" + lines.joined()
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }

  fileprivate var document: Value {
    .object([
      .init("name", .string(name)), .init("type", .string(kind.rawValue)),
      .init("help", .string(help)),
      .init(
        "samples",
        .array(
          samples.map { sample in
            .object([
              .init(
                "labels",
                .object(sample.labels.map { Value.Member($0.name, .string($0.value)) })),
              .init("value", .number(sample.value)),
            ])
          })),
    ])
  }
}
