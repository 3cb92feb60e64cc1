import Testing
import Values

@testable import Evaluation

/// The memory of a writer grows at any byte, and what was written stays as it is.
struct PackedWriterTests {
  @Test("a value has one packed form, wherever the memory ends")
  func growth() throws {
    let long = String(repeating: "x", count: 200)
    let lines = [
      #"{"a":{"b":1}}"#, #"{"a":[],"b":{},"c":[[[1]]]}"#,
      #"{"a":"\#(long)","b":["\#(long)",{"c":1.25}],"d":0.1}"#,
    ]
    for line in lines {
      let names = NameTable()
      let value = try Value(json: line)
      var whole = PackedWriter(capacity: 10_000)
      whole.value(value, names)
      let bytes = whole.bytes
      var reader = PackedReader(bytes: bytes, at: 0)
      #expect(reader.value(names) == value)
      for capacity in 1...bytes.count + 20 {
        var writer = PackedWriter(capacity: capacity)
        writer.value(value, names)
        #expect(writer.bytes == bytes, "\(capacity)")
      }
    }
  }

  @Test("a record has one packed form, wherever the memory ends")
  func records() {
    let (head, body): ([UInt8], [UInt8]) = ([0, 1], [UInt8](repeating: 7, count: 130))
    func pack(_ capacity: Int) -> [UInt8] {
      var writer = PackedWriter(capacity: capacity)
      for row in 0..<3 as Range<Int64> { writer.record(head.span, row << 40, -row, body.span) }
      return writer.bytes
    }
    for capacity in 1...500 { #expect(pack(capacity) == pack(10_000)) }
  }
}
