import Foundation
import Values

/// The definitions and destinations of one folder.
public struct Project: Sendable {
  /// The definitions without an error, each behind those that it refers to.
  public internal(set) var definitions: [Definition] = []
  public var destinations: [DestinationDefinition] = []
  public private(set) var models: [ModelDefinition] = []
  /// Everything that is wrong or doubtful, by file and place.
  public private(set) var diagnostics: [Diagnostic] = []

  /// Whether the project may be evaluated.
  public var isValid: Bool { !diagnostics.contains { $0.severity == .error } }

  public subscript(key: String) -> Definition? { definitions.first { $0.key == key } }

  /// One file of a project.
  public struct File: Sendable {
    public let name: String
    /// The path as it is shown to people.
    public let path: String
    public let contents: [UInt8]

    public init(name: String, path: String, contents: [UInt8]) {
      self.name = name
      self.path = path
      self.contents = contents
    }
  }

  /// Files may be this long.
  public static let sizeLimit = 16 << 20

  /// Reads the files of a folder, not of the folders in it.
  ///
  /// A folder that is missing or holds no definition is an error: it is never "no audiences".
  public static func load(folder: String, environment: [String: String] = [:]) -> Project {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    } catch {
      var project = Project()
      project.diagnostics = [
        Diagnostic(
          .missingFolder, "the definitions folder '\(folder)' cannot be read",
          help: "name the folder with --audiences DIR", path: folder)
      ]
      return project
    }
    var diagnostics: [Diagnostic] = []
    var files: [File] = []
    for name in names where !name.hasPrefix(".") {
      let path = folder.hasSuffix("/") ? folder + name : folder + "/" + name
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      if isFolder.boolValue { continue }
      // What is not read as a definition may be of any size.
      var data = Data()
      if FileKind(name) != nil {
        guard let contents = contents(path) else {
          diagnostics.append(
            Diagnostic(
              .unreadableFile, "the file cannot be read",
              help: "see that it exists and may be read, or remove it", path: path))
          continue
        }
        data = contents
      }
      files.append(File(name: name, path: path, contents: Array(data)))
    }
    return Project(
      files: files, folder: folder, environment: environment, diagnostics: diagnostics)
  }

  /// The bytes of a file, and no more than one past the limit.
  private static func contents(_ path: String) -> Data? {
    guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? handle.close() }
    return try? handle.read(upToCount: sizeLimit + 1) ?? Data()
  }

  private init() {}

  /// Checks files that were read before.
  public init(
    files: [File], folder: String, environment: [String: String] = [:],
    diagnostics: [Diagnostic] = []
  ) {
    self.diagnostics = diagnostics
    var found = false
    for file in files {
      if let kind = FileKind(file.name) {
        found = found || kind != .destination
        read(file, kind, environment)
      } else if !["md", "txt"].contains(file.name.split(separator: ".").last) {
        self.diagnostics.append(
          Diagnostic(
            .unknownFile, "the file is not read",
            help: "definitions end in .audience, .trait or .sql, destinations in .destination",
            path: file.path, severity: .warning))
      }
    }
    if !found {
      self.diagnostics.append(
        Diagnostic(
          .noDefinitions, "the folder '\(folder)' holds no definition",
          help: "add a file that ends in .audience, .trait or .sql", path: folder))
    }
    refuseDuplicates()
    refuseSharedModelKeys()
    resolveReferences()
    checkDestinations()
    warnOfTraps()
    refuseComputedTraits()
    self.diagnostics = self.diagnostics.inOrder
  }

  private enum FileKind: Equatable {
    case definition(Definition.Kind)
    case model
    case destination

    init?(_ name: String) {
      switch name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last {
      case "audience": self = .definition(.audience)
      case "trait": self = .definition(.trait)
      case "sql": self = .model
      case "destination": self = .destination
      default: return nil
      }
    }
  }

  private mutating func read(_ file: File, _ kind: FileKind, _ environment: [String: String]) {
    guard file.contents.count <= Self.sizeLimit else {
      diagnostics.append(
        Diagnostic(
          .tooLarge, "the file is larger than \(Self.sizeLimit >> 20) MiB", path: file.path))
      return
    }
    let source = SourceText(path: file.path, utf8: file.contents)
    if let offset = file.contents.firstInvalidUTF8 {
      diagnostics.append(
        Diagnostic(
          .notUTF8, "the file is not UTF-8", label: "the first byte that is not",
          help: "save the file as UTF-8", at: offset..<(offset + 1), in: source))
      return
    }
    switch kind {
    case .definition(let kind):
      let (definition, mistakes) = DefinitionReader.read(source, kind)
      diagnostics += mistakes
      if let definition { definitions.append(definition) }
    case .destination:
      let name = String(file.name.dropLast(".destination".count))
      let (destination, mistakes) = DestinationReader.read(
        source, name: name, environment: environment)
      diagnostics += mistakes
      if let destination { destinations.append(destination) }
    case .model:
      let (model, mistakes) = ModelReader.read(
        source, file: String(file.name.dropLast(".sql".count)))
      diagnostics += mistakes
      if let model { models.append(model) }
    }
  }

  private mutating func refuseDuplicates() {
    var first: [String: Definition] = [:]
    for definition in definitions {
      // Keys that differ by case alone would be two properties that nobody can tell apart.
      let key = definition.key.lowercased()
      guard let other = first[key] else {
        first[key] = definition
        continue
      }
      diagnostics.append(
        Diagnostic(
          .duplicateKey, "two definitions have the key '\(other.key)'",
          label: "this makes '\(definition.key)'",
          help: "\(other.source.path) has it too: give one of them another 'key:'",
          at: definition.keyRange, in: definition.source))
    }
    var places: [String: DestinationDefinition] = [:]
    for destination in destinations {
      guard let fingerprint = destination.fingerprint else { continue }
      guard let other = places[fingerprint] else {
        places[fingerprint] = destination
        continue
      }
      diagnostics.append(
        Diagnostic(
          .duplicateDestination, "two destinations talk to the same place",
          help: "\(other.path) does too: remove one of them", path: destination.path))
    }
  }
}

extension [UInt8] {
  /// The offset of the first byte that is not part of well-formed UTF-8.
  fileprivate var firstInvalidUTF8: Int? {
    do {
      _ = try UTF8Span(validating: span)
      return nil
    } catch {
      return error.byteOffsets.lowerBound
    }
  }
}

extension Project {
  private mutating func warnOfTraps() {
    let keys = Set(definitions.map(\.key))
    for definition in definitions { diagnostics += Traps(definition, keys: keys).diagnostics }
  }

  mutating func add(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  /// Adds what was found by somebody who knows more than the files.
  public mutating func add(_ found: [Diagnostic]) {
    diagnostics = (diagnostics + found).inOrder
  }

  mutating func reorder(_ order: [Int]) { definitions = order.map { definitions[$0] } }
}
