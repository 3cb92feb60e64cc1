import Values

/// The `key: value` lines between the first two `---` of a file, and what follows them.
struct FrontMatter {
  /// One setting with the places of its parts.
  struct Setting: Sendable {
    let key: String
    let value: String
    let keyRange: SourceRange
    let valueRange: SourceRange
  }

  private(set) var settings: [Setting] = []
  /// The section below the front matter, up to the next `---` line.
  private(set) var body: SourceRange
  /// The section below that one: the examples of a definition.
  private(set) var examples: SourceRange?
  private(set) var diagnostics: [Diagnostic] = []
  private var places: [String: Int] = [:]

  subscript(key: String) -> Setting? { places[key].map { settings[$0] } }

  /// Reads the sections of a file. Nil when the front matter does not begin or does not end: the
  /// diagnostic says so, and the rest of the file means nothing.
  ///
  /// - Parameter example: a line that belongs into such a file, for the help.
  static func read(_ source: SourceText, example: String) -> (FrontMatter?, [Diagnostic]) {
    guard source.utf8.dropFirst(source.startOfText).contains(where: { $0 > 0x20 }) else {
      return (
        nil,
        [
          Diagnostic(
            .emptyFile, "the file is empty",
            help: "write '---', '\(example)' and '---', or remove the file", at: 0..<0, in: source)
        ]
      )
    }
    var marks: [Int] = []
    for line in 1...source.lineCount {
      let range = source.lineRange(line)
      let from = line == 1 ? source.startOfText : range.lowerBound
      guard from <= range.upperBound, range.upperBound - from < 64 else { continue }
      if source[from..<range.upperBound].trimmingTrailingSpace() == "---" { marks.append(line) }
      if marks.count == 3 { break }
    }
    guard marks.first == 1 else {
      let range = source.startOfText..<source.lineRange(1).upperBound
      return (
        nil,
        [
          Diagnostic(
            .missingFrontMatter, "the front matter is missing", label: "expected '---' here",
            help: "begin the file with '---', a line '\(example)', and '---'", at: range, in: source
          )
        ]
      )
    }
    guard marks.count >= 2 else {
      return (
        nil,
        [
          Diagnostic(
            .unclosedFrontMatter, "the front matter is not closed", label: "it begins here",
            help: "end it with a line '---'", at: source.lineRange(1), in: source)
        ]
      )
    }
    var matter = FrontMatter(source, marks)
    for line in (marks[0] + 1)..<marks[1] { matter.readLine(line, source) }
    return (matter, matter.diagnostics)
  }

  private init(_ source: SourceText, _ marks: [Int]) {
    func after(_ line: Int) -> Int {
      line < source.lineCount ? source.lineRange(line + 1).lowerBound : source.utf8.count
    }
    let start = after(marks[1])
    if marks.count > 2 {
      body = start..<source.lineRange(marks[2]).lowerBound
      examples = after(marks[2])..<source.utf8.count
    } else {
      body = start..<source.utf8.count
    }
  }

  private mutating func readLine(_ line: Int, _ source: SourceText) {
    guard diagnostics.count < Diagnostic.limit else { return }
    let range = source.lineRange(line)
    let bytes = source.utf8[range]
    guard bytes.contains(where: { $0 != 0x20 && $0 != 0x09 }) else { return }
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else {
      diagnostics.append(
        Diagnostic(
          .badFrontMatter, "a line of the front matter is 'key: value'", label: "there is no ':'",
          at: trim(range, source), in: source))
      return
    }
    let key = trim(range.lowerBound..<colon, source)
    let value = trim((colon + 1)..<range.upperBound, source)
    let setting = Setting(
      key: source[key], value: source[value], keyRange: key, valueRange: value)
    if let first = self[setting.key] {
      let place = source.position(of: first.keyRange.lowerBound)
      diagnostics.append(
        Diagnostic(
          .duplicateSetting, "'\(setting.key)' is set twice", label: "the second time",
          help: "the first one is in line \(place.line)", at: key, in: source))
      return
    }
    places[setting.key] = settings.count
    settings.append(setting)
  }

  private func trim(_ range: SourceRange, _ source: SourceText) -> SourceRange {
    func isSpace(_ at: Int) -> Bool { source.utf8[at] == 0x20 || source.utf8[at] == 0x09 }
    var range = range
    while !range.isEmpty, isSpace(range.lowerBound) {
      range = (range.lowerBound + 1)..<range.upperBound
    }
    while !range.isEmpty, isSpace(range.upperBound - 1) {
      range = range.lowerBound..<(range.upperBound - 1)
    }
    return range
  }
}

extension FrontMatter {
  /// A diagnostic for each setting that is not among the known ones.
  func unknownSettings(_ known: [String], in source: SourceText) -> [Diagnostic] {
    settings.lazy.filter { !known.contains($0.key) }.prefix(Diagnostic.limit).map { setting in
      Diagnostic(
        .unknownSetting,
        setting.key.isEmpty
          ? "a setting has no name" : "there is no setting '\(setting.key)'",
        label: setting.key.isEmpty ? "" : "not a key of the front matter",
        help: SyncBehaviour.help(for: setting.key) ?? Suggestion.help(for: setting.key, in: known)
          ?? "the keys are \(known.joined(separator: ", "))",
        at: setting.keyRange, in: source)
    }
  }
}

extension Diagnostic {
  static func bad(
    _ setting: FrontMatter.Setting, _ allowed: String, in source: SourceText
  ) -> Diagnostic {
    Diagnostic(
      .badSetting, "'\(setting.key)' must be \(allowed)",
      label: setting.value.isEmpty ? "nothing is set" : "not allowed here",
      at: setting.value.isEmpty ? setting.keyRange : setting.valueRange, in: source)
  }
}

extension String {
  fileprivate func trimmingTrailingSpace() -> String {
    String(self[..<(lastIndex { $0 != " " && $0 != "\t" }.map { index(after: $0) } ?? startIndex)])
  }
}
