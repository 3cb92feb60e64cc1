import Values

/// Everything that a run found, as a document and as tables for the README.
struct Report {
  let population: Population
  private(set) var measurements: [Measurement] = []
  /// Which engines found the same members, and when; and what else was counted.
  var agreements: [String] = []
  var peers: [String] = []
  var storeBytes = 0
  var storedEvents = 0
  /// The bytes of the store's tables by their names.
  var tables = Value.absent
  /// Bytes a second that all cores read from memory.
  var bandwidth: Double?
  private var peerPeaks: [(name: String, bytes: Double)] = []
  private let machine = Machine.line

  init(population: Population) { self.population = population }

  mutating func add(_ measurement: Measurement) { measurements.append(measurement) }

  mutating func add(_ more: [Measurement]) { measurements += more }

  mutating func notePeak(of peer: String, _ bytes: Double) {
    peerPeaks.removeAll { $0.name == peer }
    peerPeaks.append((peer, bytes))
  }

  var document: Value {
    .object([
      .init("machine", .string(machine)),
      .init("events", .number(Double(population.events))),
      .init("users", .number(Double(population.users))),
      .init("seed", .number(Double(population.seed))),
      .init("peers", .array(peers.map { .string($0) })),
      .init("measurements", .array(measurements.map(\.document))),
      .init("agreements", .array(agreements.map { .string($0) })),
      .init("store_bytes", .number(Double(storeBytes))),
      .init("stored_events", .number(Double(storedEvents))),
      .init("tables", tables),
      .init("memory_bytes_per_second", bandwidth.map { .number($0) } ?? .absent),
      .init(
        "peer_peak_bytes",
        .object(peerPeaks.map { .init($0.name, .number($0.bytes)) })),
    ])
  }

  // MARK: Tables

  var markdown: String {
    let parts = [
      "\(grouped(population.events)) events, \(grouped(population.users)) users, "
        + "seed \(population.seed). \(machine). "
        + (peers.isEmpty ? "No peers." : peers.joined(separator: ", ") + "."),
      ownTable, peerTable, agreements.map { "- \($0)" }.joined(separator: "\n"), sizes,
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  private var ownTable: String {
    let rows = measurements.filter { $0.engine == "rollcall" && !$0.seconds.isEmpty }.map { own in
      [
        own.name, seconds(own.median), spread(own), own.work.map(seconds) ?? "",
        seconds(Measurement.median(own.userSeconds)),
        own.amount.map(grouped) ?? "", own.amount.map { rate($0, own.median) } ?? "",
        megabytes(own.peak), own.peakWithoutFiles.map(megabytes) ?? "",
      ]
    }
    return table(
      [
        "case", "median", "from, to", "work", "CPU", "users or lines", "a second", "peak MB",
        "without files",
      ],
      rows)
  }

  /// Only what was measured in the same case is held against each other.
  private var peerTable: String {
    let rows = measurements.filter { $0.engine != "rollcall" && !$0.seconds.isEmpty }.map { other in
      let own = measurements.first { $0.name == other.name && $0.engine == "rollcall" }
      func ratio(_ seconds: Double?) -> String {
        seconds.map { decimal(other.median / $0, 2) } ?? ""
      }
      return [
        other.name, other.engine, seconds(other.median), spread(other), ratio(own?.median),
        ratio(own?.work),
      ]
    }
    return rows.isEmpty
      ? ""
      : table(["case", "engine", "median", "from, to", "times rollcall", "times its work"], rows)
  }

  private var sizes: String {
    guard storedEvents > 0, storeBytes > 0 else { return "" }
    var lines = [
      "The store: \(megabytes(storeBytes)) MB, \(storeBytes / storedEvents) bytes a line."
    ]
    if let digests = tables["digests"].numeric, let standings = tables["standings"].numeric,
      let histories = tables["histories"].numeric, let bandwidth,
      let full = measurements.first(where: { $0.name == "full-20" && $0.engine == "rollcall" })
    {
      let speed = (digests + standings) / full.median
      lines.append(
        "A full run reads \(megabytes(Int(digests))) MB of digests, in place of "
          + "\(megabytes(Int(histories))) MB of histories, and \(megabytes(Int(standings))) MB of "
          + "standings at \(decimal(speed / 1e9, 2)) GB/s, \(decimal(100 * speed / bandwidth, 1)) % of "
          + "the \(decimal(bandwidth / 1e9, 1)) GB/s that memory gives.")
    }
    return lines.joined(separator: "\n")
  }

  private func table(_ head: [String], _ rows: [[String]]) -> String {
    let rule = ["|---|"] + head.dropFirst().map { _ in "---:|" }
    let lines = rows.map { "| " + $0.joined(separator: " | ") + " |" }
    return (["| " + head.joined(separator: " | ") + " |", rule.joined()] + lines)
      .joined(separator: "\n")
  }

  private func spread(_ measurement: Measurement) -> String {
    guard let low = measurement.seconds.min(), let high = measurement.seconds.max(),
      measurement.seconds.count > 1
    else { return "one only" }
    return "\(seconds(low)), \(seconds(high))"
  }

  private func rate(_ amount: Int, _ seconds: Double) -> String {
    seconds > 0 && amount > 0 ? grouped(Int(Double(amount) / seconds)) : ""
  }
}

/// Seconds below ten, milliseconds below a tenth of one.
private func seconds(_ seconds: Double) -> String {
  seconds < 0.1 ? "\(decimal(seconds * 1000, 1)) ms" : "\(decimal(seconds, seconds < 10 ? 3 : 1)) s"
}

private func megabytes(_ bytes: Int) -> String { grouped((bytes + 500_000) / 1_000_000) }

/// A number with so many digits behind the point.
func decimal(_ number: Double, _ digits: Int) -> String {
  var power = 1.0
  for _ in 0..<digits { power *= 10 }
  guard number.isFinite, abs(number) * power < 1e15 else { return "\(number)" }
  let rounded = Int((abs(number) * power).rounded())
  let fraction = String(rounded % Int(power))
  let zeros = String(repeating: "0", count: max(0, digits - fraction.count))
  return (number < 0 ? "-" : "") + grouped(rounded / Int(power))
    + (digits == 0 ? "" : "." + zeros + fraction)
}

/// A whole number with a comma at every thousand.
func grouped(_ number: Int) -> String {
  var text = ""
  for (place, digit) in String(number).reversed().enumerated() {
    if place > 0, place % 3 == 0, digit != "-" { text = "," + text }
    text = String(digit) + text
  }
  return text
}
