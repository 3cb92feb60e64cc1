import Foundation
import Testing

@testable import Definitions

/// Folders as they are on disk.
@Suite struct FolderTests {
  /// A folder of its own that goes with the test.
  private final class Folder {
    let path: String

    init() throws {
      path = FileManager.default.temporaryDirectory.path + "/definitions-" + UUID().uuidString
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ bytes: [UInt8]) {
      _ = FileManager.default.createFile(atPath: path + "/" + name, contents: Data(bytes))
    }

    func write(_ name: String, _ text: String) { write(name, Array(text.utf8)) }

    var project: Project { Project.load(folder: path) }
  }

  private static let audience = "---\nname: Q\n---\ntrait('a') = 1"

  @Test("a missing folder is an error, never no audiences")
  func missing() throws {
    let folder = try Folder()
    let path = folder.path + "/none"
    let project = Project.load(folder: path)
    #expect(!project.isValid)
    #expect(
      project.diagnostics.map(\.rendered) == [
        """
        error[missing-folder]: the definitions folder '\(path)' cannot be read
          --> \(path)
           = help: name the folder with --audiences DIR

        """
      ])
    folder.write("file", "")
    #expect(Project.load(folder: folder.path + "/file").diagnostics.map(\.id) == [.missingFolder])
  }

  @Test("an empty folder is an error too")
  func empty() throws {
    let folder = try Folder()
    #expect(folder.project.diagnostics.map(\.id) == [.noDefinitions])
    try FileManager.default.createDirectory(
      atPath: folder.path + "/x.audience", withIntermediateDirectories: true)
    folder.write(".hidden.audience", Self.audience)
    #expect(folder.project.diagnostics.map(\.id) == [.noDefinitions])
  }

  @Test("definitions, notes and strangers are told apart by their ends")
  func ends() throws {
    let folder = try Folder()
    folder.write("q.audience", Self.audience)
    folder.write("README.md", "# notes")
    folder.write("notes.txt", "")
    for name in [
      "audience", "destination", "q.AUDIENCE", "q.audience~", "q.audiences", "q.trait.old",
    ] {
      folder.write(name, "x")
    }
    let project = folder.project
    #expect(project.isValid)
    #expect(project.definitions.map(\.key) == ["q"])
    #expect(Set(project.diagnostics.map(\.id)) == [.unknownFile])
    #expect(project.diagnostics.count == 6)
  }

  @Test("a file that cannot be read is told, and the others are read")
  func unreadable() throws {
    let folder = try Folder()
    folder.write("q.audience", Self.audience)
    let link = folder.path + "/z.audience"
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: folder.path + "/nothing")
    let project = folder.project
    #expect(project.definitions.map(\.key) == ["q"])
    #expect(
      project.diagnostics.map(\.rendered) == [
        """
        error[unreadable-file]: the file cannot be read
          --> \(link)
           = help: see that it exists and may be read, or remove it

        """
      ])
  }

  @Test("a file past the limit is not read to its end, and a stranger not at all")
  func large() throws {
    let folder = try Folder()
    folder.write("q.audience", Self.audience)
    for name in ["big.audience", "big.zip"] {
      folder.write(name, "")
      // Sparse: a terabyte that takes no space.
      let handle = try #require(FileHandle(forWritingAtPath: folder.path + "/" + name))
      try handle.truncate(atOffset: 1 << 40)
      try handle.close()
    }
    #expect(folder.project.diagnostics.map(\.id) == [.tooLarge, .unknownFile])
  }

  @Test("a slash at the end of the folder's name does not show")
  func slash() throws {
    let folder = try Folder()
    folder.write("q.audience", "---\nname: Q\n---\ntrue")
    let project = Project.load(folder: folder.path + "/")
    #expect(project.diagnostics.map(\.path) == [folder.path + "/q.audience"])
  }

  @Test(
    "a file that is not UTF-8 is told with the first byte that is not",
    arguments: [
      (Array("---\nname: Caf".utf8) + [0xE9] + Array("\n---\ntrait('a') = 1".utf8), 2, 10, 13),
      ([0xFF, 0xFE, 0x2D, 0x00], 1, 1, 0),
      (Array("---\nname: A\n---\ntrait('é".utf8) + [0xC3], 4, 9, 25),
      (Array("é\n".utf8) + [0xED, 0xA0, 0x80], 2, 1, 3),
      (Array("ab".utf8) + [0xC0, 0x80], 1, 3, 2),
      (Array("ab".utf8) + [0xE2, 0x82], 1, 3, 2),
      (Array("ab".utf8) + [0xF4, 0x90, 0x80, 0x80], 1, 3, 2), ([0x80], 1, 1, 0),
    ] as [([UInt8], Int, Int, Int)])
  func notUTF8(_ bytes: [UInt8], _ line: Int, _ column: Int, _ offset: Int) throws {
    let file = Project.File(name: "q.audience", path: "audiences/q.audience", contents: bytes)
    let diagnostics = Project(files: [file], folder: "audiences").diagnostics
    #expect(diagnostics.map(\.id) == [.notUTF8])
    let diagnostic = try #require(diagnostics.first)
    #expect((diagnostic.line, diagnostic.column) == (line, column))
    #expect(diagnostic.range == offset..<(offset + 1))
  }

  @Test("a file that is not UTF-8 is shown with what can be shown of it")
  func notUTF8Shown() {
    let bytes = Array("---\nname: Caf".utf8) + [0xE9] + Array(" Society\n---\ntrait('a') = 1".utf8)
    let file = Project.File(name: "q.audience", path: "audiences/q.audience", contents: bytes)
    #expect(
      Project(files: [file], folder: "audiences").diagnostics.map(\.rendered) == [
        """
        error[not-utf8]: the file is not UTF-8
          --> audiences/q.audience:2:10
         2 | name: Caf� Society
           |          ^ the first byte that is not
           = help: save the file as UTF-8

        """
      ])
  }
}
