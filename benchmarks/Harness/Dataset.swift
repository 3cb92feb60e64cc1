import Foundation
import Values

/// The files of one population in the working folder.
struct Dataset {
  let population: Population
  let folder: String

  /// All calls in the order of arrival.
  var events: String { folder + "/\(population.name).ndjson" }

  /// Writes the calls, unless the file is there: the same population is the same file.
  func generate() throws {
    guard !FileManager.default.fileExists(atPath: events) else { return }
    try write(0..<population.lines, to: events + ".part")
    try FileManager.default.moveItem(atPath: events + ".part", toPath: events)
  }

  /// Writes some of the lines to a file of their own.
  func write(_ lines: Range<Int>, to path: String) throws {
    var out = try LineBuffer(creating: path)
    var calls = CallWriter(population)
    for line in lines { try calls.line(line, to: &out) }
    try out.close()
  }

  /// Writes so many events of one user, from the first day to the last.
  func writeHistory(_ count: Int, of user: Int, to path: String) throws {
    var out = try LineBuffer(creating: path)
    var calls = CallWriter(population)
    let length = Population.end.milliseconds - Population.start.milliseconds
    for number in 0..<count {
      let time = Population.start.milliseconds + length * Int64(number) / Int64(count)
      try calls.change(number, of: user, at: time, to: &out)
    }
    try out.close()
  }

  /// Writes one event for each of `count` different users, in the second before `now`.
  ///
  /// - Parameter first: how many changes were written before, so that none comes twice.
  func writeChanges(_ count: Int, first: Int, before now: Instant, to path: String) throws {
    var out = try LineBuffer(creating: path)
    var calls = CallWriter(population)
    for place in 0..<count {
      let time = now.milliseconds - Int64((count - 1 - place) * 999 / max(1, count))
      try calls.change(
        first + place, of: population.scattered(first + place), at: time, to: &out)
    }
    try out.close()
  }

  /// Writes that the addresses of `count` different users, always the same, are gone or back.
  ///
  /// - Parameter first: how many changes were written before, so that none comes twice.
  func writeAddresses(
    _ count: Int, areGone: Bool, first: Int, at now: Instant, to path: String
  ) throws {
    var out = try LineBuffer(creating: path)
    var calls = CallWriter(population)
    for place in 0..<count {
      try calls.address(
        first + place, of: population.scattered(place), isGone: areGone, at: now.milliseconds,
        to: &out)
    }
    try out.close()
  }
}
