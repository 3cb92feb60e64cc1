import Evaluation
import SQLite
import Values

/// What the snapshot holds of one profile, as bytes that are equal when it is.
///
/// For each enabled definition with a value, by epoch: the epoch, then 0 for `true`; 1 and the eight
/// bytes of a double; 2, a length and the UTF-8 of a text; or 3, a length and the JSON of anything else.
/// Epochs and lengths are LEB128 varints. An epoch is a number that a definition gets when it is new,
/// edited, or back again, so that bytes from before never pass for what is true now.
public struct OutcomeCoder: Sendable {
  /// The places of the enabled definitions among the entries, and their epochs, by epoch.
  private let order: [(place: Int, epoch: Int64)]
  /// The place of each of the definitions in the order of the epochs; those that are off come last.
  public let ranks: [Int]
  /// What says `true`, for each of the enabled definitions in the order of the epochs.
  private let truths: [OutcomeBuffer.Short]

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
      let start = at
      let epoch = Int64(bitPattern: try outcome.varint(at: &at))
      let length: UInt64 =
        switch try outcome.varint(at: &at) {
        case UInt64(Tag.truth): 0
        case UInt64(Tag.number): 8
        default: try outcome.varint(at: &at)
        }
      guard length <= UInt64(outcome.count - at) else { throw damage }
      at += Int(length)
      try body(epoch, start..<at)
    }
  }
}
