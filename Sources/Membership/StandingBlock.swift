import SQLite
import Values

/// The standings of some neighbouring profiles, one behind the other, as the store keeps them.
///
/// For each profile that has one, in their order: a byte with its place in the block, 0x80 added where it
/// waits for something; then, if so, `next` as a zigzag varint of milliseconds; the outcome's length as a
/// varint; and the outcome. Varints are LEB128. Of profiles 64 and 66, of which the first waits for
/// instant 150 and has an outcome of two bytes:
///
///     80 AC 02 02 05 00   02 02 05 00
struct StandingBlock: Sendable {
  /// The profiles of a block. With more, a tick reads and copies more for each profile; with fewer, a
  /// full run takes more rows.
  static let size: Int64 = 32
  private static let waits: UInt8 = 0x80

  let number: Int64
  private(set) var bytes: [UInt8]
  /// The earliest next change before a standing was set, which is when the store has the block looked at.
  private(set) var stored = Instant.never
  /// Whose standing was set: a bit for each place.
  private(set) var revised: UInt32 = 0

  init(_ number: Int64, _ bytes: [UInt8] = []) {
    self.number = number
    self.bytes = bytes
  }

  static func number(of profile: Int64) -> Int64 { profile / size }

  /// Those who have their places in a block.
  static func profiles(of number: Int64) -> ClosedRange<Int64> {
    number * size...number * size + (size - 1)
  }

  /// The profiles whose standing was set, in their order.
  var revisedProfiles: [Int64] {
    (0..<Self.size).filter { revised & 1 << $0 != 0 }.map { number * Self.size + $0 }
  }

  /// One profile's part of the bytes.
  struct Entry {
    let profile: Int64
    let next: Instant
    /// Where the part is, and the outcome in it.
    let place: Range<Int>
    let outcome: Range<Int>
  }

  /// The entry that begins at a place; nil at the end.
  ///
  /// - Throws: `SQLiteError.damaged` where the bytes are no entry.
  func entry(at start: Int) throws -> Entry? {
    guard start < bytes.count else { return nil }
    let offset = Int64(bytes[start] & ~Self.waits)
    guard offset < Self.size else { throw Self.damage }
    var place = start + 1
    let next: Instant
    if bytes[start] & Self.waits != 0 {
      let zigzag = try bytes.varint(at: &place)
      next = Instant(milliseconds: Int64(bitPattern: zigzag >> 1) ^ -Int64(zigzag & 1))
    } else {
      next = .never
    }
    let length = try bytes.varint(at: &place)
    guard length <= UInt64(bytes.count - place) else { throw Self.damage }
    let end = place + Int(length)
    return Entry(
      profile: number * Self.size + offset, next: next,
      place: start..<end, outcome: place..<end)
  }

  /// The entry of a profile; nil where it has none.
  func entry(of profile: Int64) throws -> Entry? {
    var place = 0
    while let entry = try entry(at: place), entry.profile <= profile {
      if entry.profile == profile { return entry }
      place = entry.place.upperBound
    }
    return nil
  }

  /// Where a profile of the block stands.
  func standing(of profile: Int64) throws -> Standing {
    try entry(of: profile).map(standing) ?? Standing()
  }

  func standing(_ entry: Entry) -> Standing {
    Standing(next: entry.next, outcome: Array(bytes[entry.outcome]))
  }

  /// Holds what a profile comes to against its entry.
  func compare(
    _ entry: Entry?, _ next: Instant, _ outcome: Span<UInt8>
  ) -> Standings.Comparison {
    guard let entry else {
      return Standings.Comparison(isSameNext: next == .never, isSameOutcome: outcome.isEmpty)
    }
    return Standings.Comparison(
      isSameNext: next == entry.next,
      isSameOutcome: bytes.span.extracting(entry.outcome).hasSameBytes(as: outcome))
  }

  /// Sets where a profile of the block stands from now on.
  mutating func set(_ standing: Standing, of profile: Int64) throws {
    if revised == 0 { stored = try wake() }
    revised |= 1 << UInt32(profile - number * Self.size)
    try put(standing, of: profile)
  }

  /// Puts what the store says of a profile elsewhere in the place of what the block has.
  mutating func put(_ standing: Standing, of profile: Int64) throws {
    var part: [UInt8] = []
    if standing != Standing() {
      let isWaiting = standing.next != .never
      part.append(UInt8(profile - number * Self.size) | (isWaiting ? Self.waits : 0))
      if isWaiting {
        let next = standing.next.milliseconds
        part.append(varint: UInt64(bitPattern: next << 1 ^ next >> 63))
      }
      part.append(varint: UInt64(standing.outcome.count))
      part += standing.outcome
    }
    var place = 0
    while let entry = try entry(at: place), entry.profile <= profile {
      if entry.profile == profile {
        bytes.replaceSubrange(entry.place, with: part)
        return
      }
      place = entry.place.upperBound
    }
    bytes.insert(contentsOf: part, at: place)
  }

  func entries() throws -> [Entry] {
    var entries: [Entry] = []
    while let entry = try entry(at: entries.last?.place.upperBound ?? 0) { entries.append(entry) }
    return entries
  }

  /// The earliest next change in the block; `never` for none.
  func wake() throws -> Instant {
    var (wake, place) = (Instant.never, 0)
    while let entry = try entry(at: place) {
      wake = min(wake, entry.next)
      place = entry.place.upperBound
    }
    return wake
  }

  private static let damage = SQLiteError.damaged("standings")
}
