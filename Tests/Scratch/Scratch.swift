import Foundation

/// Where tests put their folders.
public enum Scratch {
  /// In memory where the system has room for it there: a thousand stores are thousands of commits, and what
  /// a disk does about them is not what is tested. Else the system's temporary folder.
  public static let root: URL = {
    let memory = "/dev/shm"
    let room = try? FileManager.default.attributesOfFileSystem(forPath: memory)[.systemFreeSize]
    guard let room = room as? Int64 ?? (room as? NSNumber)?.int64Value, room >= 4 << 30,
      FileManager.default.isWritableFile(atPath: memory)
    else { return FileManager.default.temporaryDirectory }
    return URL(fileURLWithPath: memory)
  }()

  /// A folder's path that nobody else has; the folder is the caller's to make and to remove.
  public static func folder(_ name: String) -> URL {
    root.appendingPathComponent("rollcall-\(name)-\(UUID().uuidString)")
  }
}
