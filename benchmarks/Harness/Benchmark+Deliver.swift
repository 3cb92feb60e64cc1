import Values

extension Benchmark {
  /// What a request to Heap holds at most, and how large its body may be.
  private static let itemLimit = 1000
  private static let byteLimit = 1 << 20

  /// A first sync of an audience, and one when a hundredth of it has left, to a sandbox: at Heap's pace
  /// and as fast as it goes. An audience has a fiftieth as many members as there are events.
  ///
  /// Each repetition is another app, so another destination of the same store: all is told anew.
  func measureDelivery(_ each: Case) throws {
    let members = max(100, options.events / 50)
    let part = Dataset(
      population: Population(events: max(1000, members), users: members, seed: options.seed),
      folder: options.work)
    try generate(part)
    let stage = Stage("deliver", dataset: part, program: program)
    defer { stage.remove() }
    try stage.write(
      "reachable.audience", "---\nname: Reachable\nguard: off\n---\ntrait('email').exists()\n")
    _ = try stage.ingest(part.events, lines: part.population.lines)
    _ = try stage.run(full: false)
    var app = 0
    for (pacing, suffix) in [("published", ""), ("off", "-unpaced")] {
      var first = Measurement(each.name + "-first" + suffix, engine: "rollcall")
      var next = Measurement(each.name + "-changes" + suffix, engine: "rollcall")
      for turn in 0...options.repeats {
        app += 1
        let heap = try SandboxProcess(binary: program, folder: options.work)
        try stage.write(
          "heap.destination",
          "---\ntype: heap\napp_id: \(app)\nurl: \(heap.url)\npacing: \(pacing)\n---\n")
        let all = try send(stage, to: heap, expecting: members)
        try stage.readdress(members / 100, areGone: true)
        let changed = try send(stage, to: heap, expecting: members / 100)
        try stage.readdress(members / 100, areGone: false)
        guard turn > 0 else { continue }
        first.add(all.outcome, amount: members)
        next.add(changed.outcome, amount: members / 100)
        guard turn == options.repeats else { continue }
        report.agreements.append("\(first.name): \(all.words)")
        report.agreements.append("\(next.name): \(changed.words)")
      }
      report.add([first, next])
    }
  }

  /// Sends what is pending, and holds it against what the sandbox was told.
  private func send(
    _ stage: Stage, to heap: SandboxProcess, expecting values: Int
  ) throws -> (outcome: ChildOutcome, words: String) {
    let (document, outcome) = try stage.binary.call("send", "--now", "--at", stage.now.description)
    let traffic = try heap.traffic()
    guard document["sent"] == .number(Double(values)), traffic.values == values,
      traffic.repeated == 0, traffic.areAccepted
    else { throw DeliveryError.notTold(values, traffic.values, traffic.repeated) }
    let requests = traffic.requests.count
    let fewest = (values + Self.itemLimit - 1) / Self.itemLimit
    let isFull = traffic.largestBody > Self.byteLimit - Self.byteLimit / 100
    guard requests == fewest || isFull else { throw DeliveryError.tooMany(requests, fewest) }
    let paced = document["destinations"].elements.first?["paced_ms"].numeric ?? 0
    let bound =
      requests == fewest
      ? "the fewest there are, for a request holds \(grouped(Self.itemLimit)) users"
      : "not the \(grouped(fewest)) that its users need, for a body holds a megabyte"
    return (
      outcome,
      "\(grouped(values)) values in \(grouped(requests)) request\(requests == 1 ? "" : "s"), "
        + "\(bound); the largest body has "
        + "\(grouped(traffic.largestBody)) bytes; pacing alone takes \(decimal(paced / 1000, 1)) s"
    )
  }
}

private enum DeliveryError: Error, CustomStringConvertible {
  case notTold(Int, Int, Int)
  case tooMany(Int, Int)

  var description: String {
    switch self {
    case .notTold(let values, let written, let again):
      "\(values) values were to be sent: the sandbox has \(written), \(again) of them again"
    case .tooMany(let requests, let fewest):
      "\(requests) requests were made where \(fewest) are enough"
    }
  }
}
