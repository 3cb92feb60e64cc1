/// The `columns:` of a model: `all`, or `column as property` between commas. Names with commas,
/// quotes or an `as` in them stand in quotes.
struct ColumnMappings {
  /// Nil for all columns.
  private(set) var mappings: [ModelDefinition.Mapping]?
  private(set) var diagnostics: [Diagnostic] = []

  static func read(
    _ setting: FrontMatter.Setting?, _ object: ModelDefinition.Object?, in source: SourceText
  ) -> ColumnMappings {
    var result = ColumnMappings()
    guard let setting, setting.value != "all" else { return result }
    guard !setting.value.isEmpty else {
      result.diagnostics = [.bad(setting, "all, or columns between commas", in: source)]
      return result
    }
    result.mappings = []
    for part in parts(of: setting.valueRange, in: source) {
      result.add(part, setting, object, source)
    }
    return result
  }

  private mutating func add(
    _ part: SourceRange, _ setting: FrontMatter.Setting, _ object: ModelDefinition.Object?,
    _ source: SourceText
  ) {
    let range = part.isEmpty ? setting.valueRange : part
    func note(_ id: Diagnostic.ID, _ message: String, _ label: String, _ help: String?) {
      diagnostics.append(
        Diagnostic(id, message, label: label, help: help, at: range, in: source))
    }
    guard let (column, property) = Self.names(source[part]) else {
      note(
        .badSetting, "'columns' must be all, or columns between commas", "not a column",
        "write 'column', or 'column as property'")
      return
    }
    if let problem = PropertyKey.problem(withProperty: property, of: object) {
      note(
        .badKey, "'\(property)' cannot be a property: \(problem)", "becomes such a property",
        "write '\(column) as NAME'")
      return
    }
    if mappings?.contains(where: { $0.property == property }) == true {
      note(.duplicateKey, "two columns become the property '\(property)'", "the second one", nil)
      return
    }
    mappings?.append(
      ModelDefinition.Mapping(column: column, property: property, range: range))
  }

  /// The column and the property of `column`, or of `column as property`; nil when it is neither.
  private static func names(_ text: String) -> (column: String, property: String)? {
    let characters = Array(text)
    var quote: Character?
    var place: Int?
    for (index, character) in characters.enumerated() {
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "'" || character == "\"" {
        quote = character
      } else if index > 0, index + 3 < characters.count, characters[index].isWhitespace,
        String(characters[(index + 1)...(index + 2)]).lowercased() == "as",
        characters[index + 3].isWhitespace
      {
        place = index
        break
      }
    }
    guard quote == nil else { return nil }
    let column = unquoted(trimmed(String(characters[..<(place ?? characters.count)])))
    let property = place.map { unquoted(trimmed(String(characters[($0 + 3)...]))) } ?? column
    return column.isEmpty || property.isEmpty ? nil : (column, property)
  }

  /// The ranges between the commas that stand in no quotes, without the spaces around them.
  private static func parts(of range: SourceRange, in source: SourceText) -> [SourceRange] {
    var parts: [SourceRange] = []
    var start = range.lowerBound
    var quote: UInt8?
    for at in range {
      let byte = source.utf8[at]
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        quote = byte
      } else if byte == UInt8(ascii: ",") {
        parts.append(start..<at)
        start = at + 1
      }
    }
    parts.append(start..<range.upperBound)
    return parts.map { part in
      var part = part
      while !part.isEmpty, source.utf8[part.lowerBound] <= 0x20 {
        part = (part.lowerBound + 1)..<part.upperBound
      }
      while !part.isEmpty, source.utf8[part.upperBound - 1] <= 0x20 {
        part = part.lowerBound..<(part.upperBound - 1)
      }
      return part
    }
  }

  private static func trimmed(_ text: String) -> String {
    let end = text.lastIndex { !$0.isWhitespace }.map { text.index(after: $0) } ?? text.startIndex
    return String(text[..<end].drop(while: \.isWhitespace))
  }

  /// A name without the quotes around it.
  static func unquoted(_ text: String) -> String {
    guard text.count >= 2, let first = text.first, first == "'" || first == "\"",
      text.last == first
    else { return text }
    return String(text.dropFirst().dropLast())
  }
}

extension PropertyKey {
  /// Why a column cannot become a property of an object, or nil when it can. Names that Heap refuses
  /// are those of users.
  static func problem(
    withProperty name: String, of object: ModelDefinition.Object?
  ) -> String? {
    if object == .user { return problem(withUserProperty: name) }
    if name.isEmpty { return "it is empty" }
    return name.utf16.count > nameLimit ? "it is longer than \(nameLimit) characters" : nil
  }
}
