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
final class CallSpill {
  /// What is gathered of a part before it is written, in bytes.
  private static let pieceSize = 256 << 10
  private static let headerSize = 32

  /// The first identity of each part but the first one.
  private let bounds: [Int64]
  private let file: FileHandle
  private var gathered: [[UInt8]]
  private var pieces: [[Range<UInt64>]]
  private var end: UInt64 = 0

  /// - Parameters:
  ///   - path: where the file is made.
  ///   - bounds: the first identity of each part but the first one, in order.
  init(_ path: String, bounds: [Int64]) throws {
    self.bounds = bounds
    gathered = [[UInt8]](repeating: [], count: bounds.count + 1)
    pieces = [[Range<UInt64>]](repeating: [], count: bounds.count + 1)
    let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0, unlink(path) == 0 else { throw SQLiteError.fileBeside(isFull: false) }
    file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  var partCount: Int { pieces.count }

  /// Puts a call aside.
  func add(_ call: PackedCall, _ bytes: Span<UInt8>) throws {
    let part = part(of: call.identity)
    gathered[part].append(word: UInt64(bitPattern: call.identity))
    gathered[part].append(word: UInt64(bitPattern: call.time))
    gathered[part].append(word: UInt64(bitPattern: call.row))
    gathered[part].append(word: UInt64(call.head) | UInt64(bytes.count) << 32)
    bytes.withUnsafeBufferPointer { gathered[part].append(contentsOf: $0) }
    if gathered[part].count >= Self.pieceSize { try write(part) }
  }

  /// Shows the calls of a part, in the order in which they were put aside.
  func read(_ part: Int, _ each: (PackedCall, Span<UInt8>) throws -> Void) throws {
    try write(part)
    for piece in pieces[part] {
      let bytes = try Self.attempt {
        try file.seek(toOffset: piece.lowerBound)
        return try [UInt8](file.read(upToCount: piece.count) ?? Data())
      }
      guard bytes.count == piece.count else { throw SQLiteError.fileBeside(isFull: false) }
      try Self.show(bytes.span, each)
    }
  }

  private static func show(
    _ piece: Span<UInt8>, _ each: (PackedCall, Span<UInt8>) throws -> Void
  ) throws {
    var at = 0
    while at < piece.count {
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
    try Self.attempt {
      try file.seek(toOffset: end)
      try file.write(contentsOf: gathered[part])
    }
    let next = end + UInt64(gathered[part].count)
    pieces[part].append(end..<next)
    end = next
    gathered[part].removeAll(keepingCapacity: true)
  }

  private static func attempt<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch {
      throw SQLiteError.fileBeside(
        isFull: (error as? CocoaError)?.code == .fileWriteOutOfSpace)
    }
  }
}
