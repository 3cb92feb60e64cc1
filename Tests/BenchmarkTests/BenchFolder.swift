import Foundation
import Scratch
import Values

@testable import benchmarks

/// A folder of its own, removed at the end.
final class BenchFolder {
  let path: String

  init() throws {
    path = Scratch.folder("benchmark").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The folder with the audiences and the SQL.
  static let source =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("benchmarks").path

  /// A program that was built beside the tests.
  static func built(_ name: String) -> String? {
    let here = [Bundle.main.executableURL?.path, CommandLine.arguments.first]
    return here.compactMap { $0 }
      .map {
        URL(fileURLWithPath: $0).deletingLastPathComponent().appendingPathComponent(name).path
      }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  func file(_ name: String) -> String { path + "/" + name }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: file(name), encoding: .utf8)
  }

  /// Writes a script that `/bin/sh` runs.
  func script(_ name: String, _ lines: String) throws -> String {
    let file = file(name)
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: file).deletingLastPathComponent().path,
      withIntermediateDirectories: true)
    try "#!/bin/sh\n\(lines)\n".write(toFile: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
    return file
  }

  /// The calls of a file of lines.
  func calls(_ file: String) throws -> [Value] {
    try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
      .map { try Value(json: String($0)) }
  }
}
