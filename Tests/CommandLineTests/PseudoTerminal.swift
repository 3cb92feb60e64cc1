import Foundation
import Testing

/// A terminal at which a test sits, as Linux makes it (`man 4 pts`).
final class PseudoTerminal {
  private let master: Int32
  /// Where a shell finds it.
  let path: String

  /// `TIOCSPTLCK` and `TIOCGPTN` of `asm-generic/ioctls.h`: unlock the other end, and tell its number.
  private static let unlock: UInt = 0x4004_5431
  private static let number: UInt = 0x8004_5430

  init() throws {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(master >= 0)
    var off: Int32 = 0
    var number: UInt32 = 0
    try #require(ioctl(master, Self.unlock, &off) == 0)
    try #require(ioctl(master, Self.number, &number) == 0)
    path = "/dev/pts/\(number)"
  }

  deinit { close(master) }

  /// Types a line, to be read by whoever asks next.
  func type(_ line: String) throws {
    let bytes = Array((line + "\n").utf8)
    try #require(write(master, bytes, bytes.count) == bytes.count)
  }
}
