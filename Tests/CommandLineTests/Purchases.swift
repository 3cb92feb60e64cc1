import Foundation
import Testing

/// One purchase of the sample.
struct Purchase {
  let customer: String
  /// Days since 1997-01-01; each purchase is at midnight UTC.
  let day: Int
  let quantity: Int
  let cents: Int
  /// Its line among the calls, from 1.
  let number: Int
}

/// The sample of purchases that comes with the project, read from its file.
enum Purchases {
  /// The project's folder.
  static let project = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let all: [Purchase] = {
    let file = project.appendingPathComponent("Sources/CDemoData/cdnow-sample.txt")
    guard let data = try? Data(contentsOf: file) else { return [] }
    var purchases: [Purchase] = []
    for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ")
      for word in words.dropFirst() {
        let numbers = word.split(separator: ",").compactMap { Int($0) }
        purchases.append(
          Purchase(
            customer: String(words[0]), day: numbers[0], quantity: numbers[1], cents: numbers[2],
            number: purchases.count + 1))
      }
    }
    return purchases
  }()

  /// A date as the days since 1997-01-01.
  static func day(_ year: Int, _ month: Int, _ day: Int) -> Int {
    (1997..<year).reduce(0) { $0 + months(of: $1).reduce(0, +) }
      + months(of: year).prefix(month - 1).reduce(0, +) + day - 1
  }

  /// Midnight UTC of a day, as `1997-04-01T00:00:00Z`.
  static func instant(_ day: Int) -> String {
    var year = 1997
    var rest = day
    while rest >= months(of: year).reduce(0, +) {
      rest -= months(of: year).reduce(0, +)
      year += 1
    }
    var month = 0
    while rest >= months(of: year)[month] {
      rest -= months(of: year)[month]
      month += 1
    }
    func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
    return "\(year)-\(two(month + 1))-\(two(rest + 1))T00:00:00Z"
  }

  private static func months(of year: Int) -> [Int] {
    [31, year % 4 == 0 ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  }

  /// Purchases as calls, one a line.
  static func calls(_ purchases: some Sequence<Purchase>, copy: Int = 0) -> String {
    purchases.map { purchase in
      """
      {"type":"track","event":"Order Completed","messageId":"\(copy)-\(purchase.number)",\
      "userId":"\(purchase.customer)","timestamp":"\(instant(purchase.day))","properties":\
      {"revenue":\(dollars(purchase.cents)),"quantity":\(purchase.quantity)}}

      """
    }.joined()
  }

  /// Cents as the shortest decimal of dollars: 2933 is `29.33`, 2930 is `29.3`, 2900 is `29`.
  static func dollars(_ cents: Int) -> String {
    if cents % 100 == 0 { return "\(cents / 100)" }
    if cents % 10 == 0 { return "\(cents / 100).\(cents % 100 / 10)" }
    return "\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
  }

  /// A store with the whole sample in it, made once by the binary itself.
  static let sampleStore: Data? = {
    guard let rollcall = try? Rollcall(), (try? rollcall.ingest(calls(all))) != nil else {
      return nil
    }
    return withExtendedLifetime(rollcall) { FileManager.default.contents(atPath: rollcall.store) }
  }()
}

extension Rollcall {
  /// A folder with the sample's store and the example definitions.
  ///
  /// - Parameter models: whether the example SQL models are there, too.
  static func withSample(models: Bool = false) throws -> Rollcall {
    let rollcall = try Rollcall()
    try rollcall.write(#require(Purchases.sampleStore), to: "rollcall.sqlite")
    try rollcall.copyExamples(models: models)
    return rollcall
  }

  /// The folder of the example project.
  var examples: String { Purchases.project.appendingPathComponent("audiences").path }

  /// Copies the definitions and destinations of the example project, without a guard: months pass between
  /// two runs of a test.
  func copyExamples(models: Bool = false) throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: examples)
    where models || !name.hasSuffix(".sql") {
      let data = try Data(contentsOf: URL(fileURLWithPath: examples).appendingPathComponent(name))
      let text = String(decoding: data, as: UTF8.self)
      let isGuarded = name.hasSuffix(".audience") || name.hasSuffix(".trait")
      let copy =
        !isGuarded
        ? text : text.replacing("\n---\n", with: "\nguard: off\n---\n", maxReplacements: 1)
      try write(copy, to: "audiences/" + name)
    }
  }
}
