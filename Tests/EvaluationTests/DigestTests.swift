import Testing
import Values

@testable import Evaluation

/// How digests keep numbers, values and events.
struct DigestTests {
  @Test("numbers side by side are read as they were written, whatever their width")
  func numbers() {
    let spans: [Int64] = [0, 1, 255, 256, 65_535, 1 << 24, 1 << 34, 1 << 56, .max]
    for least: Int64 in [0, -70_000, 1_750_000_000_000, .min] {
      for span in spans where least <= 0 || span < .max {
        let numbers = [least, least &+ span, least &+ span / 2]
        var writer = PackedWriter()
        writer.numbers(numbers.count) { numbers[$0] }
        let end = writer.count
        for _ in 0..<PackedNumbers.padding { writer.append(0xFF) }
        let bytes = writer.bytes
        var reader = ScanReader(at: 0)
        let read = PackedNumbers(&reader, count: numbers.count, bytes.span)
        #expect(reader.at == end)
        #expect(read.greatest == least &+ span)
        #expect((0..<3).map { read.number($0, bytes.span) } == numbers, "\(least) \(span)")
      }
    }
  }

  @Test("few different values have numbers, and many have none")
  func dictionary() {
    var dictionary = DigestDictionary()
    func take(_ texts: [String]) -> [String]? {
      var writer = PackedWriter()
      let ranges = texts.map { text in
        let start = writer.count
        if !text.isEmpty { writer.string(text.utf8.span) }
        return start..<writer.count
      }
      guard dictionary.take(ranges, writer) else { return nil }
      let bytes = writer.bytes
      return (0..<dictionary.codes.count).map { index in
        let range = dictionary.value(Int(dictionary.codes[index]))
        return range.isEmpty
          ? "" : String(decoding: bytes[range.dropFirst(2)], as: UTF8.self)
      }
    }
    let few = (0..<900).map { "value \($0 * $0 % 200)" } + [""]
    #expect(take(few) == few)
    #expect(dictionary.count <= 201)
    #expect(take(["a", "b", "a", "", "a"]) == ["a", "b", "a", "", "a"])
    #expect(dictionary.count == 3)
    #expect(take((0..<900).map { "value \($0 % 300)" }) == nil)
    #expect(take(["a", "b", "c", "d"]) == nil)
  }

  @Test("windows, and events without a value of which one is asked elsewhere, share a series")
  func series() throws {
    let scan = try ChunkTests.scan([
      "event('A').within(3 days).count() >= 2 AND event('A').between(1 day, 9 days).count() = 0",
      "event('A').sum(property('x')) > 10 AND event('A').last(property('y')) = 'z'",
      "event('A').where(property('x') > 1).count() >= 1",
      "event('B').count() >= 1 AND event('B').within(2 days).max(property('x')) > 3",
      "trait('c') = 'd' AND NOT trait('c') = 'd'",
    ])
    let series = DigestSeries(scan)
    // Of A: with x, with y, under a condition. Of B: all, and with x, which does not go back as far.
    #expect(series.ofStream == [0, 0, 0, 1, 2, 3, 4])
    #expect(series.tests.count == 1)
    #expect(series.count == 6)
  }
}
