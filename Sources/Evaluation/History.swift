import Values

/// Everything known about one profile, packed into one run of bytes in the order of (time, arrival).
///
/// Worked example: `Order Completed` (name 0) at 1000 ms, event row 7, with `{"total": 12.5}` (key 1,
/// 125 tenths) and nothing else:
///
///     0A        10 bytes follow
///     00        kind: a track, page or screen event, with a user id
///     00        name 0
///     D0 0F     2000: time 1000 more than the previous record's (0), zigzag
///     0E        14: row 7 more than the previous one's (0), zigzag
///     08 …      properties, an object: its length in bytes, then (key, value) pairs
///     …
///
/// Numbers are LEB128 varints; signed ones are zigzag. A value is a tag and its content
/// (`PackedTag`). A record's length lets a reader pass over events that no definition names.
public struct History: Sendable, Equatable {
  public internal(set) var bytes: [UInt8] = []

  public init() {}

  public var isEmpty: Bool { bytes.isEmpty }

  /// What a record is about, in the low bits of its first byte.
  enum RecordKind: UInt8 {
    case event = 0
    case identify, group, alias
  }

  /// The bit of that byte which says that the call has no user id.
  static let anonymousBit: UInt8 = 0x80

  /// Whether no call has a user id.
  var isAnonymous: Bool {
    var reader = PackedReader(bytes: bytes, at: 0)
    while reader.at < bytes.count {
      let end = Int(reader.varint()) + reader.at
      if reader.byte() & Self.anonymousBit == 0 { return false }
      reader.at = end
    }
    return true
  }
}

/// One call of a profile, as the event store has it.
public struct ProfileEvent: Sendable {
  public enum Kind: Sendable {
    /// A track call by its event; a page or screen call as `Page Viewed` or `Screen Viewed`.
    case event(name: String)
    case identify
    case group
    case alias
  }

  public let kind: Kind
  public let time: Instant
  /// The order of arrival.
  public let row: Int64
  /// The properties of an event, the traits of an identify or a group call.
  public let properties: Value
  public let context: Value
  /// The call's `writeKey`.
  public let writeKey: Value
  /// Whether the call has no user id.
  public let isAnonymous: Bool

  public init(
    kind: Kind, time: Instant, row: Int64, properties: Value, context: Value = .absent,
    writeKey: Value = .absent, isAnonymous: Bool = false
  ) {
    self.kind = kind
    self.time = time
    self.row = row
    self.properties = properties
    self.context = context
    self.writeKey = writeKey
    self.isAnonymous = isAnonymous
  }
}

extension History {
  /// Packs events, which may come in any order.
  public init(_ events: [ProfileEvent], _ names: NameTable) {
    var builder = HistoryBuilder(names)
    for event in events { builder.add(event, to: CallOwners(person: 0)) }
    var history = History()
    builder.finish { history = $1 }
    self = history
  }
}

/// The first byte of a packed value.
enum PackedTag: UInt8 {
  case null = 0
  case no
  case yes
  /// A whole number: zigzag varint.
  case integer
  /// A decimal number: zigzag mantissa, then the number of digits after the point.
  case decimal
  /// Any other double: eight bytes, little-endian.
  case double
  /// Length in bytes, UTF-8.
  case string
  /// Length in bytes, then values.
  case array
  /// Length in bytes, then pairs of a key's number and a value.
  case object
}
