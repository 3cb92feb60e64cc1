/// A definition file whose literals can be replaced, and the names by which SQL asks for them.
///
///     event('Page Viewed').within(14 days).count() >= 4
///           {e1}                  {d1}                {n1}
///
/// `{e1}` is the first event, `{d1}` the first duration in milliseconds, `{n1}` the number that the
/// first comparison asks for, `{s1}` the first text. An event or a duration that comes again keeps
/// its name; every number and every text has one of its own.
struct DefinitionTemplate {
  /// The literals that stand in place of those of the file.
  struct Choice: Hashable {
    /// Events by the names that they have in the file.
    var events: [String: String] = [:]
    /// Durations and thresholds over one are multiplied by this many quarters.
    var durationQuarters = 4
    var thresholdQuarters = 4
  }

  private enum Piece {
    case text(String)
    case event(String)
    case days(Int)
    case threshold(Int)
    case string(String)
  }

  /// The file's name without its ending, which is the definition's key too.
  let key: String
  private let front: String
  private let pieces: [Piece]

  init(key: String, file: String) throws(TemplateError) {
    let sections = file.split(separator: "---\n", omittingEmptySubsequences: false)
    guard sections.count == 3 else { throw .notADefinition(key) }
    self.key = key
    front = String(sections[1])
    pieces = Self.pieces(of: sections[2])
  }

  /// The events of the query, each once.
  var events: [String] {
    var found: [String] = []
    for case .event(let name) in pieces where !found.contains(name) { found.append(name) }
    return found
  }

  // MARK: Filled in

  /// The definition file with other literals; `number` tells it from the rest of its kind.
  func file(_ choice: Choice, number: Int) -> String {
    var front = front
    if number > 1 {
      front = front.split(separator: "\n").map { line in
        line.hasPrefix("name:") ? "\(line) \(number)\nkey: \(key)_\(number)\n" : "\(line)\n"
      }.joined()
    }
    let query = pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .event(let name): "event('\(choice.event(name))')"
      case .days(let days): "\(choice.days(days)) days"
      case .threshold(let number): "\(choice.threshold(number))"
      case .string(let text): "'\(text)'"
      }
    }
    return "---\n\(front)---\n\(query.joined())"
  }

  /// What stands for each name in SQL.
  func values(_ choice: Choice) -> [String: String] {
    var values: [String: String] = [:]
    var days: [Int] = []
    var counts = (thresholds: 0, strings: 0)
    for piece in pieces {
      switch piece {
      case .text, .event: break
      case .days(let number):
        guard !days.contains(number) else { break }
        days.append(number)
        values["d\(days.count)"] = String(choice.days(number) * 86_400_000)
      case .threshold(let number):
        counts.thresholds += 1
        values["n\(counts.thresholds)"] = String(choice.threshold(number))
      case .string(let text):
        counts.strings += 1
        values["s\(counts.strings)"] = "'\(text)'"
      }
    }
    for (place, name) in events.enumerated() {
      values["e\(place + 1)"] = "'\(choice.event(name))'"
    }
    return values
  }

  // MARK: Taken apart

  private static func pieces(of query: Substring) -> [Piece] {
    let literal =
      /event\('([^']*)'\)|(?:property|trait)\('[^']*'\)|(\d+) days|((?:>=|<=|=|>|<) )(\d+)|'([^']*)'/
    var pieces: [Piece] = []
    var end = query.startIndex
    for match in query.matches(of: literal) {
      pieces.append(.text(String(query[end..<match.range.lowerBound])))
      end = match.range.upperBound
      let (whole, event, days, comparison, number, string) = match.output
      if let event {
        pieces.append(.event(String(event)))
      } else if let days, let count = Int(days) {
        pieces.append(.days(count))
      } else if let comparison, let number, let threshold = Int(number) {
        pieces += [.text(String(comparison)), .threshold(threshold)]
      } else if let string {
        pieces.append(.string(String(string)))
      } else {
        pieces.append(.text(String(whole)))
      }
    }
    return pieces + [.text(String(query[end...]))]
  }
}

extension DefinitionTemplate.Choice {
  fileprivate func event(_ name: String) -> String { events[name] ?? name }

  fileprivate func days(_ number: Int) -> Int { max(1, number * durationQuarters / 4) }

  fileprivate func threshold(_ number: Int) -> Int {
    number > 1 ? max(2, number * thresholdQuarters / 4) : number
  }
}

enum TemplateError: Error, CustomStringConvertible {
  case notADefinition(String)
  case noQuery(String, String)
  case unknownName(String, String)

  var description: String {
    switch self {
    case .notADefinition(let key): "'\(key)' is no front matter and a query"
    case .noQuery(let key, let dialect): "there is no SQL of '\(key)' for \(dialect)"
    case .unknownName(let key, let name): "the SQL of '\(key)' asks for an unknown '\(name)'"
    }
  }
}
