import Definitions
import Evaluation
import EventStore
import Foundation
import Operations
import SQLite
import Testing
import Values

/// The example definitions over the sample of real purchases.
///
/// Every user is explained for the definitions in `complete`, every seventeenth for the others; with
/// `ROLLCALL_EVERYBODY` set, every user for all of them.
struct SampleTests {
  private static let complete: Set<String> = [
    "order_completed_last_30days", "lapsed_big_spenders",
  ]

  private static let takesEverybody =
    ProcessInfo.processInfo.environment["ROLLCALL_EVERYBODY"] != nil

  private static let project = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// One `Order Completed` call for each purchase of the file: a line is a customer with
  /// `days since 1997-01-01,quantity,cents` for each.
  private static func calls() throws -> (lines: String, customers: [String]) {
    let file = project.appendingPathComponent("Sources/CDemoData/cdnow-sample.txt")
    let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    let firstDay = try #require(Instant(iso8601: "1997-01-01"))
    var lines = ""
    var customers: [String] = []
    var number = 0
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      customers.append(String(words[0]))
      for word in words.dropFirst() {
        let numbers = word.split(separator: ",").compactMap { Int64($0) }
        number += 1
        let day = firstDay.milliseconds / Desk.day + numbers[0]
        let revenue = Value.number(Double(numbers[2]) / 100).json
        lines += call(
          "track", "\(number)", day: day, user: String(words[0]), event: "Order Completed",
          content: "{\"revenue\":\(revenue),\"quantity\":\(numbers[1])}")
      }
    }
    return (lines, customers)
  }

  /// The values of one definition at any instant, without the explanation's code.
  private struct Reference {
    let definition: Definition
    let program: Program
    let histories: Histories
    let profiles: [String: Int64]

    init(_ connection: Connection, _ definition: Definition, _ project: Project) throws {
      self.definition = definition
      let names = try HistoryNames.load(connection)
      var keys: Set<String> = [definition.key]
      for other in project.definitions.reversed() where keys.contains(other.key) {
        keys.formUnion(other.references)
      }
      program = Program(project.definitions.filter { keys.contains($0.key) }, names)
      histories = try Histories(
        connection, names, upTo: try Histories.watermark(connection), includesAnonymous: false)
      profiles = Dictionary(
        uniqueKeysWithValues: try connection.prepareFresh(
          "SELECT external_id, id FROM identities WHERE kind = 0"
        ).all { ($0.text(0), $0.int(1)) })
    }

    func history(of user: String) throws -> History {
      try histories.history(of: #require(profiles[user]))
    }

    func value(_ history: History, at instant: Instant) throws -> Value {
      let evaluation = evaluate(program, history, at: instant)
      let place = try #require(program.keys.firstIndex(of: definition.key))
      let value = evaluation.values[place]
      return definition.kind == .audience && !value.isPresent ? .boolean(false) : value
    }
  }

  @Test("every example agrees with the snapshot at three instants, and flips when it was said to")
  func agreement() throws {
    let desk = try Desk()
    desk.session.folder = Self.project.appendingPathComponent("audiences").path
    let (lines, customers) = try Self.calls()
    try desk.ingest(lines)
    let project = Project.load(folder: desk.session.folder)
    let connection = try Connection(path: desk.session.storePath, mode: .readWrite)
    for date in ["1997-04-01", "1997-10-01T12:30:00Z", "1998-07-01"] {
      try desk.run(at: #require(Instant(iso8601: date)))
      var flips = 0
      for definition in project.definitions {
        let isComplete = Self.takesEverybody || Self.complete.contains(definition.key)
        let users = customers.enumerated().filter { isComplete || $0.offset % 17 == 0 }
        let reference = try Reference(connection, definition, project)
        let differences = try differences(desk, reference, users.map(\.element), &flips)
        #expect(differences == [], "\(definition.key) at \(date)")
      }
      #expect(flips > 300, "\(date)")
    }
  }

  private func differences(
    _ desk: Desk, _ reference: Reference, _ users: [String], _ flips: inout Int
  ) throws -> [String] {
    let definition = reference.definition
    let snapshot = try desk.snapshot(definition.key)
    let nothing: Value = definition.kind == .audience ? .boolean(false) : .absent
    var differences: [String] = []
    try desk.session.explain(definition.key, users) { report in
      let user = report.askedID
      let held = snapshot[user].flatMap { try? Value(json: $0) }
      if report.value != held ?? nothing { differences.append("\(user) differs") }
      if let tree = report.tree, tree.value != report.value {
        differences.append("the tree of \(user) differs")
      }
      if report.snapshot?.agrees != true { differences.append("the snapshot of \(user) differs") }
      switch report.nextChange {
      case .never: break
      case .notBefore: differences.append("no next change of \(user) was found")
      case .at(let next, let value):
        flips += 1
        let history = try reference.history(of: user)
        let before = Instant(milliseconds: next.milliseconds - 1)
        if try reference.value(history, at: before) != report.value {
          differences.append("\(user) changes before \(next)")
        }
        let after = try reference.value(history, at: next)
        if after != value || after == report.value {
          differences.append("\(user) does not change at \(next)")
        }
      }
    }
    return differences
  }
}
