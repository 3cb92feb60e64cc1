import Values

/// One Segment-spec call that was found to be valid.
///
/// It holds places in its line and not texts, so that a call costs no memory of its own; every text
/// is asked for with the line.
public struct Call: Sendable {
  /// The call's `type`. The raw value is what `events.type` holds.
  public enum Kind: Int64, Sendable, CaseIterable {
    case track = 0
    case page, screen, identify, group, alias

    /// The type as it stands in a call.
    public var name: String {
      switch self {
      case .track: "track"
      case .page: "page"
      case .screen: "screen"
      case .identify: "identify"
      case .group: "group"
      case .alias: "alias"
      }
    }
  }

  public let kind: Kind
  /// When it happened: `timestamp`, else `originalTimestamp`, else `receivedAt`.
  public let time: Instant
  /// The name of a `track` call's event.
  public let event: CallText?
  /// The name of the page or screen.
  public let name: CallText?
  public let messageID: CallText?
  public let userID: CallText?
  public let anonymousID: CallText?
  /// The account of a `group` call.
  public let groupID: CallText?
  /// The user id that an `alias` call merges into its user id.
  public let previousID: CallText?
  /// The bytes of the object, or nil when there is none.
  public let properties: Range<Int>?
  public let traits: Range<Int>?
  public let context: Range<Int>?

  /// What makes a call the same one when it comes again: its message id, or when it has none,
  /// `content-` and the SHA-256 of its line.
  public func message(in line: Span<UInt8>) -> String {
    messageID?.string(in: line) ?? Self.contentMessage(of: line)
  }

  /// 64 bits of the message id, to find duplicates by.
  ///
  /// They are taken from SHA-256, so that nobody can choose message ids that fall together.
  public func messageHash(in line: Span<UInt8>) -> Int64 {
    let digest =
      if let messageID {
        messageID.withBytes(in: line) { SHA256.digest(of: $0) }
      } else {
        SHA256.digest(of: Array(Self.contentMessage(of: line).utf8).span)
      }
    return Int64(bitPattern: digest.first64Bits)
  }

  private static func contentMessage(of line: Span<UInt8>) -> String {
    "content-" + SHA256.digest(of: line).hex
  }

  /// Whether two calls say the same thing.
  ///
  /// Type, time, ids and names count, and the bytes of properties, traits and context as they came.
  /// What a sender adds on the way (`sentAt`, `receivedAt` beside a timestamp) does not.
  public func saysTheSame(
    as other: Call, in line: Span<UInt8>, otherLine: Span<UInt8>
  ) -> Bool {
    func same(_ field: KeyPath<Call, CallText?>) -> Bool {
      switch (self[keyPath: field], other[keyPath: field]) {
      case (nil, nil): true
      case (let a?, let b?): a.string(in: line).isExactly(b.string(in: otherLine))
      default: false
      }
    }
    func sameBytes(_ part: KeyPath<Call, Range<Int>?>) -> Bool {
      switch (self[keyPath: part], other[keyPath: part]) {
      case (nil, nil): true
      case (let a?, let b?): line.extracting(a).hasSameBytes(as: otherLine.extracting(b))
      default: false
      }
    }
    return kind == other.kind && time == other.time
      && same(\.event) && same(\.name) && same(\.userID) && same(\.anonymousID)
      && same(\.groupID) && same(\.previousID)
      && sameBytes(\.properties) && sameBytes(\.traits) && sameBytes(\.context)
  }
}

/// A text in a line: a JSON string, or a number that stands for one.
public struct CallText: Sendable {
  enum Form: Sendable {
    case string(JSONScanner.Text)
    case number(Range<Int>)
  }

  let form: Form

  /// The text with its escapes resolved.
  ///
  /// A whole number is its own digits, however many there are: as doubles, two long ids could
  /// become one. Any other number has the text form of the query language.
  public func string(in line: Span<UInt8>) -> String {
    switch form {
    case .string(let text): return JSONScanner.decode(text, line)
    case .number(let range):
      let digits = line.extracting(range).withUnsafeBufferPointer {
        String(decoding: $0, as: UTF8.self)
      }
      let isWhole = digits.utf8.dropFirst().allSatisfy { $0 &- UInt8(ascii: "0") < 10 }
      return isWhole && digits != "-0" ? digits : Double(decimal: line, range).textForm
    }
  }

  /// The text's UTF-8 bytes, valid for the call only. A string without escapes is read in place.
  func withBytes<Result>(
    in line: Span<UInt8>, _ body: (Span<UInt8>) -> Result
  ) -> Result {
    if case .string(let text) = form, !text.hasEscapes { return body(line.extracting(text.range)) }
    return body(Array(string(in: line).utf8).span)
  }
}
