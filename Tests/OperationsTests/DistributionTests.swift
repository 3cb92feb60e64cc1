import Foundation
import Oracle
import Testing
import Values

@testable import Operations

/// Histograms against plain counting.
struct DistributionTests {
  @Test("the bins of random numbers hold what lies between their edges", arguments: 0..<200)
  func bins(seed: UInt64) {
    var random = OracleRandom(seed: seed)
    let numbers = Self.numbers(&random, kind: Int(seed % 5))
    var counts = NumberCounts()
    for number in numbers { counts.add(number) }
    let limit = 4 + Int(seed % 12)
    let bins = counts.bins(limit)
    #expect(bins.count <= limit + 1)
    #expect(bins.reduce(0) { $0 + $1.count } == numbers.count)
    #expect(zip(bins, bins.dropFirst()).allSatisfy { $0.to == $1.from })
    for bin in bins {
      let inside = numbers.count { $0 >= bin.from && $0 < bin.to ?? .infinity }
      #expect(inside == bin.count, "\(bin) of \(numbers.sorted())")
    }
    #expect(counts.minimum == numbers.min())
    #expect(counts.maximum == numbers.max())
  }

  /// Whole numbers, prices, a long tail, negative ones, and numbers of any size.
  private static func numbers(_ random: inout OracleRandom, kind: Int) -> [Double] {
    var numbers: [Double] = []
    for place in 0..<300 {
      let number = Double(random.next() % 100_000)
      numbers.append(Self.number(number, place, kind: kind))
    }
    return numbers
  }

  private static func number(_ number: Double, _ place: Int, kind: Int) -> Double {
    switch kind {
    case 0: return (number / 4000).rounded(.down)
    case 1: return number / 100
    case 2: return place % 50 == 0 ? number * 1000 : (number / 100).rounded() / 10
    case 3: return (number - 50_000) / 1000
    default: return number * pow(10, Double(place % 12) - 8)
    }
  }

  @Test("a number keeps three digits, rounded down")
  func sizes() {
    let sizes: [(Double, Double)] = [
      (0, 0), (1, 1), (12.5, 12.5), (0.29, 0.29), (1.15, 1.15), (1234, 1230), (1239.99, 1230),
      (-1234, -1240), (0.012345, 0.0123), (999.9, 999), (1e22, 1e22), (4.35, 4.35),
    ]
    for (number, size) in sizes { #expect(NumberCounts.size(of: number) == size, "\(number)") }
  }

  @Test("whole numbers of a small range have bins of one")
  func wholeNumbers() {
    var counts = NumberCounts()
    for number in [1, 1, 2, 5] { counts.add(Double(number)) }
    #expect(counts.bins().map(\.from) == [1, 2, 3, 4, 5])
    #expect(counts.bins().map(\.count) == [2, 1, 0, 0, 1])
    #expect(counts.median == 1)
  }

  @Test("no numbers have no bins, and one number has one")
  func few() {
    #expect(NumberCounts().bins().isEmpty)
    #expect(NumberCounts().median == nil)
    for number in [0, -3.5, 7, 1e300, 1e-300] {
      var counts = NumberCounts()
      counts.add(number)
      #expect(counts.bins().map(\.count) == [1], "\(number)")
    }
  }

  @Test("parts add up to the whole, whatever the kinds of their values")
  func parts() {
    var values: [Value] = [
      .boolean(true), .boolean(false), .boolean(true), .array([.number(1)]), .absent,
    ]
    for number in 0..<500 { values.append(.number(Double(number * number % 317) / 4)) }
    for number in 0..<300 { values.append(.string("t\(number % 40)")) }
    var whole = Distribution()
    var parts = [Distribution](repeating: Distribution(), count: 3)
    for (place, value) in values.enumerated() {
      whole.add(value)
      parts[place % 3].add(value)
    }
    var sum = Distribution()
    for part in parts { sum.add(part) }
    #expect(whole.count == 804)
    #expect(sum.count == whole.count)
    #expect(sum.numbers.bins() == whole.numbers.bins())
    #expect(sum.topTexts(5).map(\.text) == whole.topTexts(5).map(\.text))
    #expect(sum.topTexts(1).map(\.count) == [8])
    #expect(sum.booleans == (2, 1))
    #expect(sum.structured == 1)
    #expect(sum.distinctTexts == 40)
  }

  @Test("more different texts than are counted are counted together")
  func manyTexts() {
    var distribution = Distribution()
    for number in 0..<(Distribution.textLimit + 50) { distribution.add(.string("\(number)")) }
    distribution.add(.string("0"))
    var twice = distribution
    twice.add(distribution)
    #expect(distribution.textCount == Distribution.textLimit + 51)
    #expect(distribution.distinctTexts == nil)
    #expect(distribution.topTexts(1).map(\.count) == [2])
    #expect(twice.textCount == 2 * distribution.textCount)
    #expect(twice.topTexts(1).map(\.count) == [4])
  }
}
