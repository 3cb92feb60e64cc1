import Evaluation
import EventStore
import Oracle
import Testing
import Values

/// Calls that are packed as they come, against calls that are read into memory first.
struct PackingTests {
  /// The two packed forms of one call.
  private func forms(_ line: String, _ names: NameTable) throws -> (fast: [UInt8], plain: [UInt8]) {
    let body = try Value(json: line)
    guard case .string(let type) = body["type"],
      let kind = Call.Kind.allCases.first(where: { $0.name == type })
    else { return ([], []) }
    func event(_ body: Value) -> ProfileEvent {
      ProfileEvent(
        kind, event: "e", time: Instant(milliseconds: 1000), row: 7, body: body, isAnonymous: false)
    }
    var builder = HistoryBuilder(names)
    let bytes = Array(line.utf8)
    try builder.add(event(.absent), bytes.span, to: [1])
    var fast: [UInt8] = []
    builder.finish { fast = $1.bytes }
    return (fast, History([event(body)], names).bytes)
  }

  @Test("random calls have one packed form")
  func randomCalls() throws {
    var count = 0
    for seed in 0..<UInt64(300) {
      var generator = OracleGenerator(seed: seed, options: .everything)
      let names = NameTable()
      for call in generator.makeCase().calls {
        guard !call.line.contains("\"type\":\"page\""), !call.line.contains("\"type\":\"screen\"")
        else { continue }
        let forms = try forms(call.line, names)
        #expect(forms.fast == forms.plain, "\(call.line)")
        count += 1
      }
    }
    #expect(count > 5000)
  }

  @Test(
    "odd calls have one packed form",
    arguments: [
      #"{"type":"track"}"#,
      #"{"type":"track","properties":null,"context":{}}"#,
      #" { "type" : "track" , "writeKey" : 5 , "context" : { "a" : [ 1 , [ ] , { } ] } ,"#
        + #" "properties" : { "b" : -0 , "c" : 1e400 , "d" : 12.50 , "e" : 0.1 } } "#,
      #"{"type":"track","properties":{"a\u0062":"x\ny","é":"\ud83d\ude00","ab c":"","null":null}}"#,
      #"{"type":"track","propert\u0069es":{"a":1}}"#,
      #"{"type":"identify","traits":{"a":1},"properties":{"b":2}}"#,
      #"{"type":"group","traits":{"a":{"b":{"c":true,"d":false}}}}"#,
      #"{"type":"alias","traits":{"a":1}}"#,
      #"{"type":"track","properties":{"long":""# + String(repeating: "x", count: 20_000)
        + #"","list":["# + Array(repeating: "{\"k\":12345}", count: 40).joined(separator: ",")
        + "]}}",
    ])
  func oddCalls(line: String) throws {
    let forms = try forms(line, NameTable())
    #expect(forms.fast == forms.plain)
    #expect(!forms.fast.isEmpty)
  }

  @Test("what is added behind a history is what pooling makes of both")
  func adding() throws {
    var random = OracleRandom(seed: 11)
    let names = NameTable()
    func calls(_ rows: Range<Int64>, from first: Int64) -> [ProfileEvent] {
      rows.map { row in
        ProfileEvent(
          kind: .event(name: "E\(random.next() % 4)"),
          time: Instant(milliseconds: first + Int64(random.next() % 50)), row: row,
          properties: .object([.init("n", .number(Double(row)))]))
      }
    }
    for turn in 0..<200 {
      // Sometimes later, sometimes at the same time, sometimes earlier.
      let start = Int64(turn % 3) * 40
      let first = History(calls(0..<Int64(random.next() % 6), from: 40), names)
      let second = History(calls(10..<(10 + Int64(random.next() % 6)), from: start), names)
      #expect(first.adding(second) == History(pooling: [first, second]))
    }
  }

  @Test("what is no JSON is refused, and leaves nothing behind")
  func refusal() throws {
    var builder = HistoryBuilder(NameTable())
    let event = ProfileEvent(
      kind: .event(name: "e"), time: Instant(milliseconds: 1), row: 1, properties: .absent)
    for line in ["{", "[]", #"{"properties":{"a":}}"#, #"{"properties":{}} x"#] {
      let bytes = Array(line.utf8)
      #expect(throws: JSONError.self) { try builder.add(event, bytes.span, to: [1]) }
    }
    #expect(builder.count == 0)
  }
}
