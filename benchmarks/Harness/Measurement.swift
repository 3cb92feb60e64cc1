import Values

/// What one engine took for one case.
struct Measurement {
  let name: String
  /// `rollcall`, a peer's name, or a peer's name with `told`.
  let engine: String
  /// The wall time of each repetition, the start of the process included where there is one.
  private(set) var seconds: [Double] = []
  private(set) var userSeconds: [Double] = []
  private(set) var peak = 0
  private(set) var peakWithoutFiles: Int?
  /// How many users or events the last repetition was about.
  private(set) var amount: Int?
  /// What the engine says of its own work, as it says it.
  private(set) var timings: [Value] = []

  init(_ name: String, engine: String) {
    self.name = name
    self.engine = engine
  }

  var median: Double { Self.median(seconds) }

  /// The median of the work alone, as the engine took it: without the start of the process and its end.
  /// Nil when it says nothing of it.
  var work: Double? {
    let totals = timings.compactMap { $0["total"].numeric }
    return totals.isEmpty ? nil : Self.median(totals) / 1000
  }

  /// The middle of the sorted numbers, or the mean of the two in the middle; 0 of none.
  static func median(_ numbers: [Double]) -> Double {
    guard !numbers.isEmpty else { return 0 }
    let sorted = numbers.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  mutating func add(_ seconds: Double) { self.seconds.append(seconds) }

  mutating func add(_ outcome: ChildOutcome, amount: Int? = nil, timings: Value = .absent) {
    seconds.append(outcome.wall.seconds)
    notePeak(outcome)
    userSeconds.append((outcome.user + outcome.system).seconds)
    self.amount = amount ?? self.amount
    if timings.isPresent { self.timings.append(timings) }
  }

  /// Takes a command's memory into account, but not its time.
  mutating func notePeak(_ outcome: ChildOutcome) {
    peak = max(peak, outcome.peak)
    if let bytes = outcome.peakWithoutFiles {
      peakWithoutFiles = max(peakWithoutFiles ?? 0, bytes)
    }
  }

  mutating func setAmount(_ amount: Int) { self.amount = amount }

  var document: Value {
    .object([
      .init("case", .string(name)), .init("engine", .string(engine)),
      .init("median", .number(median)), .init("seconds", .array(seconds.map { .number($0) })),
      .init("cpu_seconds", .array(userSeconds.map { .number($0) })),
      .init("peak_bytes", peak > 0 ? .number(Double(peak)) : .absent),
      .init("peak_bytes_without_files", peakWithoutFiles.map { .number(Double($0)) } ?? .absent),
      .init("amount", amount.map { .number(Double($0)) } ?? .absent),
      .init("timings", .array(timings)),
    ])
  }
}
