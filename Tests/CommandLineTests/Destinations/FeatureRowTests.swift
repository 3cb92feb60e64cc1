import Foundation
import Testing

/// The rows of what Hightouch, Census, Fivetran Activations and Segment do with Heap.
@Suite("The table of what the four destinations do")
struct FeatureRowTests {
  /// Row 4 is models of dbt and Looker, row 35 device mode: both are out of scope.
  private static let rows = Set(1...34).subtracting([4])

  /// The numbers in the names of a file's tests, as in `Row 9, upsert: …`.
  private static func rows(testedIn source: String) -> Set<Int> {
    var rows: Set<Int> = []
    for test in source.matches(of: /@Test\(\s*"([^"]*)"/) {
      rows.formUnion(test.1.matches(of: #/Row ([0-9]+), /#).compactMap { Int($0.1) })
    }
    return rows
  }

  @Test("each row has a test that is named by it")
  func tests() throws {
    let folder = Purchases.project.appendingPathComponent("Tests")
    let files = try #require(FileManager.default.enumerator(atPath: folder.path))
    var tested: Set<Int> = []
    for case let file as String in files where file.hasSuffix(".swift") {
      let path = folder.appendingPathComponent(file)
      tested.formUnion(Self.rows(testedIn: try String(contentsOf: path, encoding: .utf8)))
    }
    #expect(Self.rows.subtracting(tested).sorted() == [], "have no test")
    #expect(tested.subtracting(Self.rows).sorted() == [], "are no rows")
  }

  @Test("each row has a line in the README, with a link to a file that has its test")
  func readme() throws {
    let readme = try String(
      contentsOf: Purchases.project.appendingPathComponent("README.md"), encoding: .utf8)
    let line = /^\| ([0-9]+) \| ([^|]+) \| \[[^\]]+\]\(([^)]+)\) \|$/
    var listed: [Int] = []
    for match in readme.split(separator: "\n").compactMap({ $0.wholeMatch(of: line) }) {
      let row = try #require(Int(match.1))
      listed.append(row)
      let file = Purchases.project.appendingPathComponent(String(match.3))
      let source = try String(contentsOf: file, encoding: .utf8)
      #expect(Self.rows(testedIn: source).contains(row), "row \(row) in \(match.3)")
    }
    #expect(listed == Self.rows.sorted())
  }
}
