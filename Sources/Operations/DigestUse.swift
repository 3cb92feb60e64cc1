import Definitions
import EventStore
import Foundation
import SQLite
import Values

/// What a scan does with digests.
enum DigestUse: Sendable {
  /// It reads the histories.
  case none
  /// It reads the histories, and makes digests of them.
  case make
  /// It reads the digests, and the histories of those profiles only, which are in order.
  case read(Digests, outdated: [Int64])

  /// Above this share of outdated profiles digests are not used any more, and made anew.
  static let largestOutdatedShare = 0.1

  /// - Parameters:
  ///   - makes: whether new ones may be made.
  ///   - share: above this share of outdated profiles they are not used any more.
  ///   - profiles: how many profiles there are, about.
  init(
    _ histories: Histories, fingerprint: String, at now: Instant, makes: Bool, share: Double,
    profiles: Int64,
    _ connection: Connection
  ) throws {
    if let digests = try Digests(connection, fingerprint: fingerprint, at: now) {
      let outdated = try digests.outdated(histories)
      if Double(outdated.count) <= share * Double(profiles) {
        self = .read(digests, outdated: outdated)
        return
      }
    }
    self = makes ? .make : .none
  }

  /// What digests depend on: the definitions, in their order, and this build of the program, for another
  /// one may see things otherwise.
  static func fingerprint(_ definitions: [Definition]) -> String {
    var hash = SHA256()
    func add(_ text: String) { hash.update(Array("\(text)\n".utf8).span) }
    add(build)
    for definition in definitions {
      add("\(definition.key) \(definition.isEnabled) \(definition.canonicalText)")
    }
    return hash.digest.hex
  }

  /// The program's file: its size, and when it was changed. Where that cannot be read, digests are of this
  /// process alone.
  private static let build: String = {
    guard let path = Bundle.main.executablePath,
      let attributes = try? FileManager.default.attributesOfItem(atPath: path),
      let size = attributes[.size] as? Int, let date = attributes[.modificationDate] as? Date
    else { return UUID().uuidString }
    return "\(size) \(date.timeIntervalSince1970)"
  }()
}
