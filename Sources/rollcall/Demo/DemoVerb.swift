import Definitions
import Foundation
import HeapSandbox
import Operations
import Values

extension Verb {
  static let demo = Verb(
    "demo", "everything once: real purchases, a year and a half of rolls, into a sandbox"
  ) { call in
    var demo = try Demo(call)
    return try demo.perform()
  }
}

/// Calls the roll over the purchases that come with the project, month by month, into a sandbox in
/// the same process, and proves at the end that the sandbox holds what the snapshot holds.
private struct Demo {
  private static let app = "11"

  private let call: Invocation
  private let output: Output
  private let sandbox: HeapSandbox
  private var session: Session
  private let folder: URL
  private let keepsStore: Bool

  init(_ call: Invocation) throws {
    self.call = call
    output = call.output
    sandbox = try HeapSandbox(.init(port: 0, knownApps: [Self.app]))
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("rollcall-demo-\(UUID().uuidString)")
    keepsStore = call.arguments.has("--store")
    session = call.session
    // A month of purchases a second is nothing but swings.
    session.isGuarded = false
    if !keepsStore { session.storePath = folder.appendingPathComponent("demo.sqlite").path }
    session.destinations = [
      DestinationDefinition(
        name: "sandbox", target: .heap(appID: Self.app, url: sandbox.url), path: "demo")
    ]
  }

  mutating func perform() throws -> ExitCode {
    let project = try Project.checked(
      folder: session.folder, environment: session.environment)
    if keepsStore, FileManager.default.fileExists(atPath: session.storePath) {
      throw OperationError(
        .usage, "the demo begins with a new store, and '\(session.storePath)' is there already",
        help: "name another with --store FILE, or leave it out for a temporary one")
    }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    sandbox.start()
    defer { sandbox.stop() }
    let calls = folder.appendingPathComponent("purchases.ndjson")
    try Data(Purchases.calls.utf8).write(to: calls)
    let ingested = try session.ingest([calls.path])
    say("\(grouped(ingested.accepted)) purchases ingested; a strict Heap at \(sandbox.url)")
    var months: [Value] = []
    var undelivered = false
    for month in Self.months {
      session.at = month
      let report = try session.run()
      undelivered = undelivered || report.isUndelivered || report.pending > 0
      write(report, month)
      months.append(document(report, month))
    }
    return try conclude(project, months, undelivered)
  }

  /// The first of each month from February 1997 to July 1998, midnight UTC.
  private static var months: [Instant] {
    (1...18).compactMap { number in
      let (year, month) = (1997 + number / 12, number % 12 + 1)
      return Instant(iso8601: "\(year)-\(month < 10 ? "0" : "")\(month)-01")
    }
  }

  private func write(_ report: RunReport, _ month: Instant) {
    guard !call.isJSON else { return }
    output.line()
    output.line(output.bold(String(month.description.prefix(10))))
    var table = Table([
      ("definition", .left), ("members", .right), ("entered", .right), ("left", .right),
      ("changed", .right),
    ])
    for definition in report.definitions {
      let tally = definition.tally
      let counts = [tally.members, tally.entered, tally.left, tally.changed]
      table.add([definition.key] + counts.map { $0 == 0 ? "·" : grouped($0) })
    }
    for line in table.lines { output.line("  " + line) }
    output.line(
      "  sent: \(counted(report.sent, "value")) in \(counted(report.requests, "request")), "
        + "\(counted(report.run.evaluated, "user")) evaluated")
  }

  private func document(_ report: RunReport, _ month: Instant) -> Value {
    .object([
      .init("at", .init(month)), .init("evaluated", .init(count: report.run.evaluated)),
      .init("entered", .init(count: report.run.entered)),
      .init("left", .init(count: report.run.left)),
      .init("changed", .init(count: report.run.changed)),
      .init("sent", .init(count: report.sent)), .init("requests", .init(count: report.requests)),
      .init("definitions", .array(report.definitions.map { $0.document(false) })),
    ])
  }

  private func conclude(
    _ project: Project, _ months: [Value], _ undelivered: Bool
  ) throws -> ExitCode {
    let verified = try session.verify()
    let models = try project.models.filter { $0.isEnabled && $0.object == .user }.compactMap {
      try session.modelPreview($0.key, sampleSize: .max)
    }
    let comparison = try SandboxComparison(
      sandbox, app: Self.app, session, project.definitions, models)
    let noOps = sandbox.counters()["apps"][Self.app]["no_op_property_writes"]
    var problems = comparison.differences
    if undelivered { problems.append("something could not be delivered") }
    if let difference = verified.difference { problems.append(difference) }
    if noOps != .number(0) { problems.append("\(noOps.json) properties were sent unchanged") }
    if comparison.compared == 0 { problems.append("nothing arrived at the sandbox") }
    if call.isJSON {
      output.document([
        .init("months", .array(months)), .init("compared", .init(count: comparison.compared)),
        .init("differences", .array(problems.map(Value.string))),
      ])
    } else {
      output.line()
      for problem in problems.prefix(20) { output.line(output.red("different: ") + problem) }
      if problems.isEmpty {
        output.line(
          output.green("good")
            + ": the sandbox holds what the snapshot holds, in all "
            + "\(grouped(comparison.compared)) properties; nothing was sent twice")
      }
      if keepsStore { output.line("the store is \(session.storePath)") }
    }
    return problems.isEmpty ? .done : .undelivered
  }

  private func say(_ text: String) { if !call.isJSON { output.line(text) } }
}
