import Foundation
import Operations

/// The file that a page is written to: whole, or not at all.
struct ReportFile {
  let path: String

  /// Writes beside the file and renames.
  ///
  /// - Throws: `OperationError` when the file is there and is no report, or cannot be written.
  func write(_ html: String) throws(OperationError) {
    try refuseAnothers()
    let draft = "\(path).\(ProcessInfo.processInfo.processIdentifier).new"
    do {
      try Data(html.utf8).write(to: URL(fileURLWithPath: draft), options: .withoutOverwriting)
    } catch {
      throw OperationError(
        .usage, "'\(path)' cannot be written",
        help: "check that its folder exists and that this user may write there")
    }
    guard rename(draft, path) == 0 else {
      let reason = String(cString: strerror(errno))
      unlink(draft)
      throw OperationError(.usage, "'\(path)' cannot be written: \(reason)")
    }
  }

  /// A report may be written over, and an empty file; anything else is somebody's.
  func refuseAnothers() throws(OperationError) {
    guard FileManager.default.fileExists(atPath: path) else { return }
    let mark = Data(Page.mark.utf8)
    let handle = FileHandle(forReadingAtPath: path)
    defer { try? handle?.close() }
    let start = (try? handle?.read(upToCount: mark.count)) ?? nil
    if let handle, start == nil || start == Data() {
      // A folder reads as nothing, too.
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      if !isFolder.boolValue, (try? handle.seekToEnd()) == 0 { return }
    }
    guard start == mark else {
      throw OperationError(
        .usage, "'\(path)' is there already, and is no report",
        help: "name another file with -o FILE, or remove it")
    }
  }
}
