import Definitions
import Foundation
import Operations
import Scratch
import Testing

/// An import into a folder of its own, which goes with it.
final class Import {
  let root: String
  var folder: String { root + "/audiences" }
  var source: String { root + "/segment.json" }

  init() throws {
    root = Scratch.folder("import").path
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  /// Imports a text.
  @discardableResult
  func take(_ json: String, force: Bool = false, dryRun: Bool = false) throws -> ImportReport {
    try take(Data(json.utf8), force: force, dryRun: dryRun)
  }

  @discardableResult
  func take(_ json: Data, force: Bool = false, dryRun: Bool = false) throws -> ImportReport {
    try json.write(to: URL(fileURLWithPath: source))
    return try Session(storePath: root + "/none.sqlite", folder: folder)
      .importDefinitions(source, force: force, dryRun: dryRun)
  }

  /// The names in the folder, hidden ones too; none when it is missing.
  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  func text(_ name: String) -> String? {
    FileManager.default.contents(atPath: folder + "/" + name)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  func put(_ name: String, _ text: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
  }

  /// What `check` makes of the folder.
  var checked: Project { Project.load(folder: folder) }
}

/// One audience or trait as the API gives it, with some fields in other words or left out.
func entry(_ fields: [String: String?] = [:]) -> String {
  var all: [String: String] = [
    "id": #""aud_1""#, "spaceId": #""spa_1""#, "name": #""Big Spenders""#,
    "description": #""""#, "key": #""big_spenders""#, "enabled": "true",
    "definition": definition("event('Order Completed').count() >= 2"),
    "createdBy": #""usr_1""#, "options": "{}",
  ]
  for (field, json) in fields { all[field] = json }
  return "{"
    + all.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
    .joined(separator: ", ") + "}"
}

func definition(_ query: String, type: String? = "users") -> String {
  let query = (try? JSONEncoder().encode(query)).map { String(decoding: $0, as: UTF8.self) }
  return "{\"query\": \(query ?? "null")" + (type.map { ", \"type\": \"\($0)\"" } ?? "") + "}"
}
