import Definitions
import Foundation

/// The definitions folder, as import reads and writes it.
struct ImportFolder {
  private let folder: String

  init(_ folder: String) { self.folder = folder }

  func path(_ name: String) -> String { ImportFile.path(name, in: folder) }

  /// Whether there is something of that name, be it a link to nowhere.
  func has(_ name: String) -> Bool {
    var status = stat()
    return lstat(path(name), &status) == 0
  }

  /// The definition files that are there; none when the folder is missing.
  func definitionFiles() throws -> [Project.File] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) else { return [] }
    let names =
      isFolder.boolValue ? try? FileManager.default.contentsOfDirectory(atPath: folder) : nil
    guard let names else {
      throw OperationError(
        .wrong, "the definitions folder '\(folder)' cannot be read",
        help: "name the folder with --audiences DIR")
    }
    return names.sorted().compactMap { name in
      guard !name.hasPrefix("."), name.hasSuffix(".audience") || name.hasSuffix(".trait"),
        let data = FileManager.default.contents(atPath: path(name))
      else { return nil }
      return Project.File(name: name, path: path(name), contents: Array(data))
    }
  }

  func create() throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw OperationError(
        .wrong, "the definitions folder '\(folder)' cannot be created",
        help: "name another folder with --audiences DIR")
    }
  }

  /// Writes a file under a name that nobody reads, and gives it its own when all of it is there.
  func write(_ file: ImportFile) throws(ImportRefusal) {
    let temporary = path(".import-\(getpid()).tmp")
    func fail(_ code: Int32) -> ImportRefusal {
      unlink(temporary)
      return .unwritable("'\(file.path)' cannot be written: \(String(cString: strerror(code)))")
    }
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw fail(errno) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      try handle.write(contentsOf: Data(file.text.utf8))
      try handle.synchronize()
      try handle.close()
    } catch {
      throw fail(errno)
    }
    guard rename(temporary, file.path) == 0 else { throw fail(errno) }
  }
}
