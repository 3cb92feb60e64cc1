/// What is wrong with a model's SELECT, as whoever prepared it says.
public enum ModelMistake: Sendable, Equatable {
  /// SQLite refuses the text; the offset counts bytes from the beginning of the SELECT.
  case refused(message: String, offset: Int?)
  /// A second statement begins at the offset.
  case secondStatement(offset: Int)
  /// The statement gives no rows.
  case noRows
  /// A parameter that a run binds nothing to, with its sign.
  case parameter(String)
  /// A function, by name, that a model may not use.
  case function(String)
  /// A table or a view, by name, that a model may not read.
  case table(String)
  /// The clock is asked for the time.
  case clock
  /// Anything else that a model may not do: `PRAGMA`, say.
  case action(String)
}

extension Project {
  /// What is wrong with the models, now that is known what their SELECTs give.
  ///
  /// - Parameter columns: for each model, in order, the columns that its SELECT gives; nil when it
  ///   gives none, because something is wrong with it.
  public func modelMistakes(columns: [[String]?]) -> [Diagnostic] {
    var mistakes: [Diagnostic] = []
    var owners: [String: ModelDefinition] = [:]
    for (model, columns) in zip(models, columns) {
      guard let columns else { continue }
      let missing = model.missingColumns(of: columns)
      mistakes += missing + model.doubleColumns(of: columns)
      let mappings = model.mappings(of: columns)
      if mappings.isEmpty, model.object != .event {
        mistakes.append(model.nothingToSend)
      }
      guard model.isEnabled, model.object != .event else { continue }
      for mapping in mappings {
        if model.mappings == nil,
          let problem = PropertyKey.problem(withProperty: mapping.property, of: model.object)
        {
          mistakes.append(model.badProperty(mapping, problem))
        }
        if let owner = owner(of: mapping.property, for: model.object) {
          mistakes.append(model.owned(mapping, by: owner))
        }
        // Property names that differ by case alone are two that nobody can tell apart.
        let name = model.object.rawValue + " " + mapping.property.lowercased()
        if let other = owners[name], other.key != model.key {
          mistakes.append(model.owned(mapping, by: other.source.path))
        } else {
          owners[name] = model
        }
      }
    }
    return mistakes
  }

  /// The file that sends a property of its own by this name to such objects.
  private func owner(of property: String, for object: ModelDefinition.Object) -> String? {
    let name = property.lowercased()
    for definition in definitions {
      let isReceived =
        object == .user ? definition.recipients != .accounts : definition.recipients != .users
      let key = definition.key.lowercased()
      if isReceived, name == key || name.hasPrefix(key + ".") { return definition.source.path }
    }
    guard object == .user else { return nil }
    return destinations.first { $0.accountProperty?.lowercased() == name }?.path
  }

  /// Two files with one key cannot be told apart.
  mutating func refuseSharedModelKeys() {
    var first: [String: String] = [:]
    for definition in definitions { first[definition.key.lowercased()] = definition.source.path }
    for model in models {
      guard let other = first[model.key.lowercased()] else {
        first[model.key.lowercased()] = model.source.path
        continue
      }
      add(
        Diagnostic(
          .duplicateKey, "'\(model.key)' is the key of two files", label: "has this key",
          help: "\(other) has it too: give one of them another 'key:'", at: model.keyRange,
          in: model.source))
    }
  }
}

extension ModelDefinition {
  /// A mistake of the SELECT in words, at its place.
  public func diagnostic(_ mistake: ModelMistake) -> Diagnostic {
    switch mistake {
    case .refused(let message, let offset):
      let range = place(offset: offset) ?? place(naming: message) ?? firstWord
      return note(.badSQL, "SQLite refuses this: \(message)", "here", nil, range)
    case .secondStatement(let offset):
      return note(
        .badSQL, "a model is one SELECT", "a second statement begins here",
        "give it a file of its own", place(offset: offset) ?? firstWord)
    case .noRows:
      return note(.badSQL, "a model is a SELECT, and this gives no rows", "", nil, firstWord)
    case .parameter(let name):
      return note(
        .badSQL, "nothing is bound to '\(name)'", "not a parameter of a run",
        "':now' is the run's instant", place(parameter: name) ?? firstWord)
    case .function(let name):
      return note(
        .notAllowed, "a model may not use '\(name)'", "not among its functions",
        Self.help(function: name), place(name: name) ?? firstWord)
    case .table(let name):
      return note(
        .notAllowed, "a model may not read '\(name)'", "not one of the store's views",
        Suggestion.help(for: name, in: Self.views)
          ?? "the views are \(Self.views.joined(separator: ", "))", place(name: name) ?? firstWord)
    case .clock:
      return note(
        .notAllowed, "a model may not ask the clock", "the time of whenever it runs",
        "write ':now' for the run's instant", place(text: "now") ?? firstWord)
    case .action(let name):
      return note(.notAllowed, "a model may not use \(name)", "", "a model only reads", firstWord)
    }
  }

  /// What a model may read: the views of the store that are there to be read.
  public static let views = ["event_log", "users", "accounts", "memberships", "canonical_ids"]

  private static func help(function: String) -> String? {
    if function.hasPrefix("current_") { return "write ':now' for the run's instant" }
    if function.hasPrefix("random") { return "a run gives the same rows for the same events" }
    return nil
  }

  fileprivate func missingColumns(of columns: [String]) -> [Diagnostic] {
    func missing(_ name: String, _ range: SourceRange) -> Diagnostic? {
      guard !columns.contains(where: { $0.isExactly(name) }) else { return nil }
      return note(
        .missingColumn, "the SELECT gives no column '\(name)'", "not one of its columns",
        Suggestion.help(for: name, in: columns)
          ?? "its columns are \(columns.joined(separator: ", "))", range)
    }
    return parts.compactMap { missing($0.name, $0.range) }
      + (mappings ?? []).compactMap { missing($0.column, $0.range) }
  }

  /// Two columns of one name: nobody knows which one is meant.
  fileprivate func doubleColumns(of columns: [String]) -> [Diagnostic] {
    let used = Set(parts.map(\.name) + mappings(of: columns).map(\.column))
    let double = Set(columns.filter { name in columns.count { $0.isExactly(name) } > 1 })
    return double.intersection(used).sorted().map { name in
      note(
        .badSQL, "the SELECT gives two columns '\(name)'", "", "name one of them with AS",
        firstWord)
    }
  }

  fileprivate var nothingToSend: Diagnostic {
    note(
      .badSQL, "the SELECT gives nothing to send", "no column but those that say whose it is",
      "add a column to be a property", firstWord)
  }

  fileprivate func badProperty(_ mapping: Mapping, _ problem: String) -> Diagnostic {
    note(
      .badKey, "'\(mapping.property)' cannot be a property: \(problem)", "sends all columns",
      "write 'columns: \(mapping.column) as NAME', and the others", firstWord)
  }

  fileprivate func owned(_ mapping: Mapping, by owner: String) -> Diagnostic {
    note(
      .duplicateKey, "two files send the property '\(mapping.property)'", "sends it, too",
      "\(owner) sends it: write '\(mapping.column) as ANOTHER NAME'",
      mappings == nil ? firstWord : mapping.range)
  }

  private func note(
    _ id: Diagnostic.ID, _ message: String, _ label: String, _ help: String?, _ range: SourceRange
  ) -> Diagnostic {
    Diagnostic(id, message, label: label, help: help, at: range, in: source)
  }

  // MARK: Places

  private var words: [SQLWord] { SQLWord.words(of: source, sqlStart..<source.utf8.count) }

  private var firstWord: SourceRange { words.first?.range ?? keyRange }

  private func place(offset: Int?) -> SourceRange? {
    guard let offset else { return nil }
    return words.first { $0.range.contains(sqlStart + offset) }?.range
  }

  private func place(name: String) -> SourceRange? {
    words.first { $0.kind == .name && $0.text.lowercased() == name.lowercased() }?.range
  }

  private func place(text: String) -> SourceRange? {
    words.first { $0.kind == .text && $0.text.lowercased() == text }?.range
  }

  private func place(parameter: String) -> SourceRange? {
    let words = words
    let name = parameter.dropFirst()
    guard !name.isEmpty else { return words.first { $0.text == parameter }?.range }
    for (sign, word) in zip(words, words.dropFirst())
    where sign.kind == .other && word.text == name && sign.range.upperBound == word.range.lowerBound
    {
      return sign.range.lowerBound..<word.range.upperBound
    }
    return nil
  }

  /// The word that SQLite's message ends with: `no such table: event_lg`.
  private func place(naming message: String) -> SourceRange? {
    guard let name = message.split(separator: " ").last, message.contains(":") else { return nil }
    return place(name: name.split(separator: ".").last.map(String.init) ?? String(name))
  }
}

extension ModelDefinition {
  /// The first of these tables that the SELECT names behind FROM, JOIN or a dot.
  public func source(among tables: Set<String>) -> String? {
    let words = words
    for (before, word) in zip(words, words.dropFirst())
    where word.kind == .name && tables.contains(word.text.lowercased()) {
      if ["from", "join", "."].contains(before.text.lowercased()) { return word.text }
    }
    return nil
  }
}

extension ModelDefinition {
  /// Common table expressions with the name of a view: they would stand in for it.
  public var shadowedView: Diagnostic? {
    let words = words
    for (index, word) in words.enumerated()
    where word.kind == .name && Self.views.contains(word.text.lowercased()) {
      var next = index + 1
      if next < words.count, words[next].text == "(" {
        while next < words.count, words[next].text != ")" { next += 1 }
        next += 1
      }
      guard next < words.count, words[next].text.lowercased() == "as" else { continue }
      next += 1
      while next < words.count, ["not", "materialized"].contains(words[next].text.lowercased()) {
        next += 1
      }
      guard next < words.count, words[next].text == "(" else { continue }
      return note(
        .notAllowed, "'\(word.text)' is a view of the store", "would stand in for it",
        "choose another name", word.range)
    }
    return nil
  }
}
