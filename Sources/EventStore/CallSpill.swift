import Evaluation
import Foundation
import SQLite

/// Packed calls put aside in a file beside the store, by ranges of identities.
///
/// A long tail of events is packed a range at a time then: each history is written once, and in the order
/// of the table. The file loses its name as soon as it is there, so that the system takes it back whatever
/// happens.
///
/// A part is a list of pieces of the file. In a piece stand, one call after the other: identity, time and
/// row in eight bytes each, the lengths of the head and of the whole in four bytes each, and the packed
/// bytes.
///
/// It belongs to one thread at a time.
final class CallSpill: @unchecked Sendable {
  /// What is gathered of a part before it is written, in bytes.
  private static let pieceSize = 128 << 10
  private static let headerSize = 32

  /// The first identity of each part but the first one.
  private let bounds: [Int64]
  private let descriptor: Int32
  private var gathered: [[UInt8]]
  private var pieces: [[Range<Int>]]
  private var end = 0
  /// Where pieces are read to.
  private var piece: [UInt8] = []

  /// - Parameters:
  ///   - path: where the file is made.
  ///   - bounds: the first identity of each part but the first one, in order.
  convenience init(_ path: String, bounds: [Int64]) throws {
    let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw SQLiteError.fileBeside(isFull: errno == ENOSPC) }
    self.init(descriptor: descriptor, bounds: bounds)
    guard unlink(path) == 0 else { throw SQLiteError.fileBeside(isFull: false) }
  }

  /// - Parameter descriptor: an empty file, which is closed in the end.
  init(descriptor: Int32, bounds: [Int64]) {
    self.descriptor = descriptor
    self.bounds = bounds
    gathered = [[UInt8]](repeating: [], count: bounds.count + 1)
    pieces = [[Range<Int>]](repeating: [], count: bounds.count + 1)
  }

  deinit { close(descriptor) }

  var partCount: Int { pieces.count }

  /// Puts a call aside.
  func add(_ call: PackedCall, _ bytes: Span<UInt8>) throws {
    let part = part(of: call.identity)
    if Self.append(call, bytes, to: &gathered[part]) >= Self.pieceSize { try write(part) }
  }

  /// Returns the size of what is gathered then.
  private static func append(
    _ call: PackedCall, _ bytes: Span<UInt8>, to gathered: inout [UInt8]
  ) -> Int {
    let header = (
      UInt64(bitPattern: call.identity).littleEndian, UInt64(bitPattern: call.time).littleEndian,
      UInt64(bitPattern: call.row).littleEndian,
      (UInt64(call.head) | UInt64(bytes.count) << 32).littleEndian
    )
    withUnsafeBytes(of: header) { gathered.append(contentsOf: $0) }
    bytes.withUnsafeBufferPointer { gathered.append(contentsOf: $0) }
    return gathered.count
  }

  /// Shows the calls of a part, in the order in which they were put aside.
  func read(_ part: Int, _ each: (PackedCall, Span<UInt8>) throws -> Void) throws {
    try write(part)
    for place in pieces[part] {
      let length = place.count
      if piece.count < length { piece = [UInt8](repeating: 0, count: length) }
      try piece.withUnsafeMutableBytes { bytes in
        try Self.whole(place) { offset, count in
          pread(descriptor, bytes.baseAddress.map { $0 + length - count }, count, off_t(offset))
        }
      }
      try Self.show(piece, length, each)
    }
  }

  private static func show(
    _ bytes: [UInt8], _ length: Int, _ each: (PackedCall, Span<UInt8>) throws -> Void
  ) throws {
    let piece = bytes.span
    var at = 0
    while at < length {
      let start = at + headerSize
      let header = piece.extracting(at..<start)
      let lengths = header.word(3)
      at = start + Int(lengths >> 32)
      try each(
        PackedCall(
          identity: Int64(bitPattern: header.word(0)), time: Int64(bitPattern: header.word(1)),
          row: Int64(bitPattern: header.word(2)), head: Int(lengths & 0xFFFF_FFFF)),
        piece.extracting(start..<at))
    }
  }

  private func part(of identity: Int64) -> Int {
    var (low, high) = (0, bounds.count)
    while low < high {
      let middle = (low + high) / 2
      if bounds[middle] > identity { high = middle } else { low = middle + 1 }
    }
    return low
  }

  private func write(_ part: Int) throws {
    guard !gathered[part].isEmpty else { return }
    let place = end..<(end + gathered[part].count)
    try gathered[part].withUnsafeBytes { bytes in
      try Self.whole(place) { offset, count in
        pwrite(
          descriptor, bytes.baseAddress.map { $0 + bytes.count - count }, count, off_t(offset))
      }
    }
    pieces[part].append(place)
    end = place.upperBound
    gathered[part].removeAll(keepingCapacity: true)
  }

  /// Goes on until a place of the file is read or written to its end.
  ///
  /// - Parameter some: does so with so many bytes from an offset on, or with less of them, and returns how
  ///   many they were.
  private static func whole(
    _ place: Range<Int>, _ some: (_ offset: Int, _ count: Int) -> Int
  ) throws {
    var offset = place.lowerBound
    while offset < place.upperBound {
      let count = some(offset, place.upperBound - offset)
      if count > 0 {
        offset += count
      } else if count == 0 || errno != EINTR {
        throw SQLiteError.fileBeside(isFull: count < 0 && errno == ENOSPC)
      }
    }
  }
}
