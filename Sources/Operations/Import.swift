import Definitions
import Foundation
import Values

extension Session {
  /// Writes a definition file for each audience and computed trait that Segment's public API
  /// returned.
  ///
  /// A file is written whole or not at all, only when nothing in it is wrong, and never over
  /// another one unless `force` says so. An entry that cannot be imported hinders no other.
  ///
  /// - Parameter path: a file of JSON, or `-` for standard input.
  /// - Throws: `OperationError` when the JSON or the folder cannot be read; then nothing is written.
  public func importDefinitions(
    _ path: String, force: Bool = false, dryRun: Bool = false
  ) throws -> ImportReport {
    let folder = ImportFolder(folder)
    let document = try Self.document(path)
    let existing = try folder.definitionFiles()
    var outcomes = [Outcome?](repeating: nil, count: document.items.count)
    var entries: [(place: Int, entry: ImportEntry)] = []
    var names: [String: String] = [:]
    for (place, item) in document.items.enumerated() {
      do throws(ImportRefusal) {
        let entry = try ImportEntry(item)
        if let first = names[entry.key.lowercased()] {
          throw .repeatedKey(entry.key, first: first)
        }
        names[entry.key.lowercased()] = entry.name
        entries.append((place, entry))
      } catch {
        outcomes[place] = .failed(error)
      }
    }
    var files: [ImportFile] = []
    var missing: Set<String> = []
    for (place, entry) in entries {
      let kinds = entry.kind.map { [$0] } ?? [.audience, .trait]
      let there = kinds.map { ImportFile.name(entry.key, $0) }.first(where: folder.has)
      if !force, let there {
        outcomes[place] = .skipped(key: entry.key, file: folder.path(there))
        continue
      }
      do throws(ImportRefusal) {
        files.append(try entry.draft().file(kinds, folder: self.folder))
      } catch {
        outcomes[place] = .failed(error)
        missing.insert(entry.key)
      }
    }
    let review = ImportReview(files, existing: existing, folder: self.folder, missing: missing)
    if !dryRun, !review.accepted.isEmpty { try folder.create() }
    let places = Dictionary(uniqueKeysWithValues: entries.map { ($0.entry.key, $0.place) })
    for (key, refusal) in review.refused {
      if let place = places[key] { outcomes[place] = .failed(refusal) }
    }
    for file in review.accepted {
      guard let place = places[file.key] else { continue }
      do throws(ImportRefusal) {
        if !dryRun { try folder.write(file) }
        outcomes[place] = .written(file)
      } catch {
        outcomes[place] = .failed(error)
      }
    }
    var report = ImportReport(hasMorePages: document.hasMorePages, isDryRun: dryRun)
    for (place, outcome) in outcomes.enumerated() {
      let label = ImportEntry.label(document.items[place].value, at: place)
      if let outcome { report.add(outcome, name: label) }
    }
    return report
  }

  fileprivate enum Outcome {
    case written(ImportFile)
    case skipped(key: String, file: String)
    case failed(ImportRefusal)
  }

  private static func document(_ path: String) throws -> ImportDocument {
    let shown = path == "-" ? "standard input" : path
    let bytes: [UInt8]
    do {
      let handle =
        try path == "-"
        ? FileHandle.standardInput : FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      bytes = Array(try handle.readToEnd() ?? Data())
    } catch {
      throw OperationError(
        .wrong, "'\(shown)' cannot be read", help: "name a file, or - to pipe it")
    }
    let mark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    let value: Value
    do throws(JSONError) {
      value = try Value(json: bytes.span.extracting(mark...))
    } catch {
      let error = JSONError(error.reason, at: error.offset + mark)
      let place = SourceText(path: shown, utf8: bytes).position(of: error.offset)
      throw OperationError(
        .wrong, "\(shown):\(place.line):\(place.column): \(error.message)",
        help: "save the answer of Segment's public API as it came")
    }
    guard let document = ImportDocument(value) else {
      throw OperationError(
        .wrong, "\(shown) holds no audience and no computed trait",
        help: "give what Segment's public API returns: {\"data\": {\"audiences\": […]}}, "
          + "{\"data\": {\"computedTraits\": […]}}, one object, or an array")
    }
    return document
  }
}

extension ImportReport {
  fileprivate mutating func add(_ outcome: Session.Outcome, name: String) {
    switch outcome {
    case .written(let file):
      written.append(.init(key: file.key, file: file.path))
      notPortable += file.notPortable
    case .skipped(let key, let file):
      skipped.append(.init(key: key, file: file, reason: "the file is there already"))
    case .failed(let refusal):
      failed.append(.init(name: name, reason: refusal.reason, diagnostics: refusal.diagnostics))
    }
  }
}
