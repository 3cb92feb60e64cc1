import Evaluation
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

  /// The outcome with other values for some definitions.
  ///
  /// - Parameter value: the new value of the definition at a place; nil where the old one stays.
  public func encode(_ outcome: [UInt8], replacing value: (Int) -> Value?) -> [UInt8] {
    let known = Self.parts(of: outcome)
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

  private static func append(_ epoch: Int64, _ value: Value, to bytes: inout [UInt8]) {
    switch value {
    case .absent, .boolean(false): return
    case .boolean(true):
      append(epoch, to: &bytes)
      bytes.append(0)
    case .number(let number):
      append(epoch, to: &bytes)
      bytes.append(1)
      withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes += $0 }
    case .string(let text):
      append(epoch, to: &bytes)
      append(2, text, to: &bytes)
    case .array, .object:
      append(epoch, to: &bytes)
      append(3, value.json, to: &bytes)
    }
  }

  private static func append(_ tag: UInt8, _ text: String, to bytes: inout [UInt8]) {
    bytes.append(tag)
    append(Int64(text.utf8.count), to: &bytes)
    bytes += text.utf8
  }

  private static func append(_ number: Int64, to bytes: inout [UInt8]) {
    var rest = UInt64(bitPattern: number)
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// Where the part of each epoch stands.
  private static func parts(of outcome: [UInt8]) -> [Int64: Range<Int>] {
    var at = 0
    func number() -> Int64 {
      var (result, shift): (UInt64, UInt64) = (0, 0)
      while at < outcome.count {
        let byte = outcome[at]
        at += 1
        result |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { break }
        shift += 7
      }
      return Int64(bitPattern: result)
    }
    var parts: [Int64: Range<Int>] = [:]
    while at < outcome.count {
      let start = at
      let epoch = number()
      switch number() {
      case 0: break
      case 1: at += 8
      default: at += Int(truncatingIfNeeded: number())
      }
      guard at <= outcome.count else { break }
      parts[epoch] = start..<at
    }
    return parts
  }
}
