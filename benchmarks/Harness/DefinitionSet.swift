import Foundation

/// The definitions of a run: the twenty of the folder first, and as many of their kind as one likes.
///
/// The others have different events, windows and thresholds, drawn by a seeded rule. A larger set
/// begins with the smaller.
struct DefinitionSet {
  enum Dialect: String, CaseIterable { case duckdb, clickhouse, sqlite }

  struct Entry {
    let template: DefinitionTemplate
    let choice: DefinitionTemplate.Choice
    let number: Int

    var key: String { number == 1 ? template.key : "\(template.key)_\(number)" }
  }

  let entries: [Entry]
  private let sqlFolder: String

  /// - Parameter source: the folder with `audiences` and `sql`.
  init(source: String, count: Int, seed: UInt64 = 1) throws {
    sqlFolder = source + "/sql"
    let templates = try Self.templates(source + "/audiences")
    var random = Randomness(seed: seed)
    var taken = Set<String>()
    var entries: [Entry] = []
    for place in 0..<count {
      let template = templates[place % templates.count]
      let number = place / templates.count + 1
      var choice = DefinitionTemplate.Choice()
      while number > 1 && taken.contains(template.file(choice, number: 1)) {
        choice = Self.draw(template, &random)
      }
      taken.insert(template.file(choice, number: 1))
      entries.append(Entry(template: template, choice: choice, number: number))
    }
    self.entries = entries
  }

  var keys: [String] { entries.map(\.key) }

  private static func templates(_ folder: String) throws -> [DefinitionTemplate] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { file in
      let text = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
      return try DefinitionTemplate(key: String(file.prefix { $0 != "." }), file: text)
    }
  }

  private static func draw(
    _ template: DefinitionTemplate, _ random: inout Randomness
  ) -> DefinitionTemplate.Choice {
    var choice = DefinitionTemplate.Choice()
    var pool = Array(Vocabulary.events.prefix(30))
    for event in template.events {
      choice.events[event] = pool.remove(at: random.below(pool.count))
    }
    choice.durationQuarters = 2 + random.below(7)
    choice.thresholdQuarters = 2 + random.below(7)
    return choice
  }

  // MARK: Written down

  /// Writes the first definitions to a folder of their own, where those before them may be.
  func writeDefinitions(_ count: Int, to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for entry in entries.prefix(count) {
      try entry.template.file(entry.choice, number: entry.number)
        .write(toFile: folder + "/\(entry.key).audience")
    }
  }

  /// Writes every definition's query in every dialect. `{now}` and `{only}` are left open.
  func writeSQL(to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for entry in entries {
      for dialect in Dialect.allCases {
        try sql(entry, dialect).write(toFile: folder + "/\(entry.key).\(dialect.rawValue).sql")
      }
    }
  }

  /// The query of a definition; what suits a dialect better than the common one goes before it.
  func sql(_ entry: Entry, _ dialect: Dialect) throws -> String {
    let key = entry.template.key
    let files = [".\(dialect.rawValue).sql", ".sql"].map { sqlFolder + "/" + key + $0 }
    guard let file = files.first(where: FileManager.default.fileExists) else {
      throw TemplateError.noQuery(key, dialect.rawValue)
    }
    var text = try String(contentsOfFile: file, encoding: .utf8)
    for (name, value) in entry.template.values(entry.choice) {
      text = text.replacing("{\(name)}", with: value)
    }
    if let unknown = text.firstMatch(of: /\{(?!now\}|only\})\w+\}/) {
      throw TemplateError.unknownName(key, String(unknown.output))
    }
    return text
  }
}

extension String {
  /// Writes the text as a file.
  func write(toFile path: String) throws {
    try Data(utf8).write(to: URL(fileURLWithPath: path))
  }
}
