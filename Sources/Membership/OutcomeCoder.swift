import Evaluation
import SQLite
import Values

/// What the snapshot holds of one profile, as bytes that are equal when it is.
///
/// For each enabled definition with a value, by epoch: the epoch, then 0 for `true`; 1 and the eight
/// bytes of a double; 2, a length and the UTF-8 of a text; or 3, a length and the JSON of anything else.
/// Epochs and lengths are LEB128 varints. An epoch is a number that a definition gets when it is new,
/// edited, or back again, so that bytes from before never pass for what is true now.
public struct OutcomeCoder: Sendable, Equatable {
  /// The places of the enabled definitions among the entries, and their epochs, by epoch.
  private let order: [(place: Int, epoch: Int64)]
  /// The place of each of the definitions in the order of the epochs; those that are off come last.
  public let ranks: [Int]
  /// What says `true`, for each of the enabled definitions in the order of the epochs.
  private let truths: [OutcomeBuffer.Short]

  public static func == (a: OutcomeCoder, b: OutcomeCoder) -> Bool {
    a.ranks == b.ranks && a.order.elementsEqual(b.order, by: ==)
  }

  public init(_ entries: [DefinitionRegistry.Entry]) {
    self.init(epochs: entries.map { $0.isEnabled && $0.change != .removed ? $0.epoch : nil })
  }

  /// - Parameter epochs: of each definition; nil for one that is off.
  public init(epochs: [Int64?]) {
    order = epochs.enumerated()
      .compactMap { place, epoch in epoch.map { (place: place, epoch: $0) } }
      .sorted { $0.epoch < $1.epoch }
    var ranks = [Int](repeating: -1, count: epochs.count)
    for (rank, (place, _)) in order.enumerated() { ranks[place] = rank }
    var last = order.count
    for place in ranks.indices where ranks[place] < 0 {
      ranks[place] = last
      last += 1
    }
    self.ranks = ranks
    truths = order.map { _, epoch in
      var bytes: [UInt8] = []
      Self.append(epoch, .boolean(true), to: &bytes)
      return OutcomeBuffer.Short(bytes)
    }
  }

  /// The outcome of an evaluation of all definitions, whose ranks are these, into a buffer.
  public func encode(_ evaluation: inout ScanEvaluator, into buffer: inout OutcomeBuffer) {
    buffer.removeAll()
    for word in 0..<evaluation.wordCount {
      let (present, truthful) = evaluation.present(inWord: word)
      var rest = present
      while rest != 0 {
        let bit = rest & (~rest &+ 1)
        let rank = word << 6 + rest.trailingZeroBitCount
        rest ^= bit
        // Those that are off come last.
        guard rank < order.count else { return }
        if truthful & bit != 0, truths[rank].isWhole {
          buffer.append(truths[rank])
        } else {
          let value = evaluation.value(order[rank].place)
          buffer.append { Self.append(order[rank].epoch, value, to: &$0) }
        }
      }
    }
  }

  /// The outcome of an evaluation of all definitions, in the entries' order.
  public func encode(_ values: [Value]) -> [UInt8] {
    var bytes: [UInt8] = []
    for (place, epoch) in order { Self.append(epoch, values[place], to: &bytes) }
    return bytes
  }

  /// The outcome with other values for some definitions. One that is unknown stays unknown, whatever the
  /// values: of the other definitions it would say that they have none.
  ///
  /// - Parameter value: the new value of the definition at a place; nil where the old one stays.
  /// - Throws: `SQLiteError.damaged` where the bytes are no outcome.
  public func encode(_ outcome: [UInt8], replacing value: (Int) -> Value?) throws -> [UInt8] {
    if outcome == Standing.unknown { return outcome }
    var known: [Int64: Range<Int>] = [:]
    try Self.forEachPart(of: outcome) { known[$0] = $1 }
    var bytes: [UInt8] = []
    for (place, epoch) in order {
      if let value = value(place) {
        Self.append(epoch, value, to: &bytes)
      } else if let part = known[epoch] {
        bytes += outcome[part]
      }
    }
    return bytes
  }

  /// Calls `body` for each of the enabled definitions that an outcome has a value of, with its place.
  ///
  /// - Throws: `SQLiteError.damaged` where the bytes are no outcome.
  func decode(_ outcome: [UInt8], _ body: (Int, Value) -> Void) throws {
    var rank = 0
    try Self.forEachPart(of: outcome) { epoch, part in
      while rank < order.count, order[rank].epoch < epoch { rank += 1 }
      guard rank < order.count, order[rank].epoch == epoch else { return }
      body(order[rank].place, try Self.value(outcome[part]))
    }
  }

  /// What an evaluation of all definitions changes for a profile, in the entries' order.
  ///
  /// - Parameters:
  ///   - old: what the snapshot holds.
  ///   - new: the evaluation's outcome.
  /// - Returns: nil where the old outcome does not say what the snapshot holds.
  /// - Throws: `SQLiteError.damaged` where the bytes are no outcome.
  public func changes(
    of profile: Int64, from old: [UInt8], to new: [UInt8]
  ) throws -> [MembershipSnapshot.Change]? {
    guard old != Standing.unknown else { return nil }
    var before = PartCursor(old)
    var after = PartCursor(new)
    var changes: [MembershipSnapshot.Change] = []
    for (place, epoch) in order {
      let previous = try before.part(epoch)
      let value = try after.part(epoch)
      if previous == nil && value == nil { continue }
      if let previous, let value, old[previous] == new[value] { continue }
      let change = MembershipSnapshot.Change(
        profile: profile, entry: place, previous: try previous.flatMap { try Self.stored(old[$0]) },
        value: try value.flatMap { try Self.stored(new[$0]) })
      // Numbers that differ in their bytes may be one in JSON.
      if !MembershipSnapshot.isSame(change.previous, change.value) { changes.append(change) }
    }
    changes.sort { $0.entry < $1.entry }
    return changes
  }

  /// JSON of the value of one part, as the snapshot stores it.
  private static func stored(_ part: ArraySlice<UInt8>) throws -> String? {
    MembershipSnapshot.stored(try value(part))
  }

  /// Goes through the parts of an outcome.
  private struct PartCursor {
    private let outcome: [UInt8]
    private var part: (epoch: Int64, place: Range<Int>)?
    private var end = 0

    init(_ outcome: [UInt8]) { self.outcome = outcome }

    /// Where the part of an epoch stands, which is asked for behind smaller ones; nil for none.
    mutating func part(_ epoch: Int64) throws -> Range<Int>? {
      while (part?.epoch ?? .min) < epoch, end < outcome.count {
        part = try OutcomeCoder.part(of: outcome, at: end)
        end = part?.place.upperBound ?? outcome.count
      }
      return part.flatMap { $0.epoch == epoch ? $0.place : nil }
    }
  }

  /// The value of one part.
  private static func value(_ part: ArraySlice<UInt8>) throws -> Value {
    // Behind the epoch, whose last byte is the first below 0x80.
    guard let end = part.firstIndex(where: { $0 < 0x80 }), end + 1 < part.endIndex else {
      throw damage
    }
    let tag = part[end + 1]
    var rest = part[(end + 2)...]
    switch tag {
    case Tag.truth: return .boolean(true)
    case Tag.number:
      guard rest.count == 8 else { throw damage }
      return .number(Double(bitPattern: rest.reversed().reduce(0) { $0 << 8 | UInt64($1) }))
    default:
      guard let end = rest.firstIndex(where: { $0 < 0x80 }) else { throw damage }
      rest = rest[(end + 1)...]
      let text = String(decoding: rest, as: UTF8.self)
      return tag == Tag.text ? .string(text) : try MembershipSnapshot.value(text)
    }
  }

  private static let damage = SQLiteError.damaged("standings")

  /// What stands behind an epoch.
  private enum Tag {
    static let truth: UInt8 = 0
    static let number: UInt8 = 1
    static let text: UInt8 = 2
    static let json: UInt8 = 3
  }

  private static func append(_ epoch: Int64, _ value: Value, to bytes: inout [UInt8]) {
    switch value {
    case .absent, .boolean(false): return
    case .boolean(true):
      bytes.append(varint: UInt64(bitPattern: epoch))
      bytes.append(Tag.truth)
    case .number(let number):
      bytes.append(varint: UInt64(bitPattern: epoch))
      bytes.append(Tag.number)
      withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes += $0 }
    case .string(let text):
      bytes.append(varint: UInt64(bitPattern: epoch))
      append(Tag.text, text, to: &bytes)
    case .array, .object:
      bytes.append(varint: UInt64(bitPattern: epoch))
      append(Tag.json, value.json, to: &bytes)
    }
  }

  private static func append(_ tag: UInt8, _ text: String, to bytes: inout [UInt8]) {
    bytes.append(tag)
    bytes.append(varint: UInt64(text.utf8.count))
    bytes += text.utf8
  }

  /// Calls `body` for each part, in their order, with its epoch and where it stands.
  ///
  /// - Throws: `SQLiteError.damaged` where the bytes are no outcome.
  static func forEachPart(
    of outcome: [UInt8], _ body: (Int64, Range<Int>) throws -> Void
  ) throws {
    var at = 0
    while at < outcome.count {
      let (epoch, place) = try part(of: outcome, at: at)
      at = place.upperBound
      try body(epoch, place)
    }
  }

  /// The part that begins at a place, with its epoch.
  private static func part(
    of outcome: [UInt8], at start: Int
  ) throws -> (epoch: Int64, place: Range<Int>) {
    var end = start
    let epoch = Int64(bitPattern: try outcome.varint(at: &end))
    let length: UInt64 =
      switch try outcome.varint(at: &end) {
      case UInt64(Tag.truth): 0
      case UInt64(Tag.number): 8
      default: try outcome.varint(at: &end)
      }
    guard length <= UInt64(outcome.count - end) else { throw damage }
    return (epoch, start..<(end + Int(length)))
  }
}
