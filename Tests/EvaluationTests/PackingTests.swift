import Evaluation
import EventStore
import Oracle
import Testing
import Values

/// Calls that are packed as they come, against calls that are read into memory first.
struct PackingTests {
  /// The two packed forms of one call, each with names of its own.
  private func forms(_ line: String) throws -> (fast: [UInt8], plain: [UInt8]) {
    let body = try Value(json: line)
    guard case .string(let type) = body["type"],
      let kind = Call.Kind.allCases.first(where: { $0.name == type }),
      let arrived = ArrivedCall.Kind(rawValue: UInt8(kind.rawValue))
    else { return ([], []) }
    let names = NameTable()
    var builder = HistoryBuilder(names)
    let bytes = Array(line.utf8)
    let event = arrived.isEvent ? names.number(of: "e") : 0
    try builder.add(
      ArrivedCall(kind: arrived, event: event, time: 1000, row: 7, isAnonymous: false),
      bytes.span, to: CallOwners(person: 1))
    var fast: [UInt8] = []
    builder.finish { fast = $1.bytes }
    let plain = ProfileEvent(
      kind, event: "e", time: Instant(milliseconds: 1000), row: 7, body: body, isAnonymous: false)
    return (fast, History([plain], NameTable()).bytes)
  }

  @Test("random calls have one packed form")
  func randomCalls() throws {
    var count = 0
    for seed in 0..<UInt64(300) {
      var generator = OracleGenerator(seed: seed, options: .everything)
      for call in generator.makeCase().calls {
        let forms = try forms(call.line)
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
      #"{"type":"alias","context":{"a":1},"writeKey":"w"}"#,
      #"{"type":"track","writeKey":"w","context":{"c":1,"a":2},"properties":{"a":1,"b":2}}"#,
      #"{"type":"track","context":{"c":1},"properties":{"a":1},"writeKey":"w"}"#,
      #"{"type":"page","properties":{"a":1},"context":{"c":1}}"#,
      #"{"type":"page","name":null,"properties":{"page_name":"P"}}"#,
      #"{"type":"page","name":"Home","properties":{"a":1,"page_name":"P","b":2}}"#,
      #"{"type":"page","properties":{"a":1,"b":2},"context":{"c":1},"name":"Ho\nme"}"#,
      #"{"type":"page","context":{"c":1},"name":"","properties":null}"#,
      #"{"type":"page","name":"Home"}"#,
      #"{"type":"screen","n\u0061me":"Start","properties":{"page_name":"P","scre\u0065n_name":1}}"#,
      #"{"type":"track","name":"no property","properties":{"a":1}}"#,
      #"{"type":"track","properties":{"k":{},"":{},"12345678":1,"123456789":1,"1234567890123456":1,"#
        + #""12345678-12345678":1,"12345678+12345678":2,"12345678-+-12345678":3}}"#,
      #"{"type":"track","properties":{"long":""# + String(repeating: "x", count: 20_000)
        + #"","list":["# + Array(repeating: "{\"k\":12345}", count: 40).joined(separator: ",")
        + "]}}",
    ])
  func oddCalls(line: String) throws {
    let forms = try forms(line)
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
      let third = History(calls(20..<(20 + Int64(random.next() % 3)), from: start * 2), names)
      #expect(first.adding([second]) == History(pooling: [first, second]))
      #expect(first.adding([second, third]) == History(pooling: [first, second, third]))
      #expect(first.adding([third, second]) == History(pooling: [first, second, third]))
    }
  }

  @Test("numbers have one packed form")
  func numbers() throws {
    var random = OracleRandom(seed: 5)
    var texts = [
      "0", "-0", "-0.0", "0.0", "0.00", "0.001", "1.10", "1.1", "-1.05", "100.00", "1e2", "1.5E-3",
      "9007199254740991", "9007199254740992", "9007199254740993", "99999999999999.9",
      "999999999999.99", "9999999999999.99", "999999999999999", "-999999999999999",
      "1000000000000000", "0.07", "1e400", "-123456789012.345", "123456789012345.6",
    ]
    for _ in 0..<20_000 {
      let digits = String(random.next() >> (random.next() % 60))
      let point = Int(random.next() % UInt64(digits.count + 1))
      let tail = point == digits.count ? "" : "." + digits.dropFirst(point)
      let whole = point == 0 ? "0" : String(Int(digits.prefix(point)).map(String.init) ?? "0")
      texts.append((random.next() % 3 == 0 ? "-" : "") + whole + tail)
    }
    for text in texts {
      let forms = try forms(#"{"type":"track","properties":{"n":\#(text)}}"#)
      #expect(forms.fast == forms.plain, "\(text)")
    }
  }

  @Test("a key has one number, however many there are")
  func keys() throws {
    let names = NameTable()
    var builder = HistoryBuilder(names)
    // More than are remembered, in lengths on both sides of what the table holds.
    let keys = (0..<12_000).map { String(repeating: "k", count: $0 % 23) + "\($0)" }
    let members = keys.map { "\"\($0)\":1" }.joined(separator: ",")
    let line = Array("{\"properties\":{\(members)}}".utf8)
    for row in 1...2 as ClosedRange<Int64> {
      let call = ArrivedCall(kind: .track, event: 0, time: row, row: row, isAnonymous: false)
      try builder.add(call, line.span, to: CallOwners(person: 1))
    }
    #expect(names.count == 12_000)
    for (number, key) in keys.enumerated() { #expect(names.name(Int32(number)) == key) }
  }

  @Test("calls come out by identity, time and row, in whatever order they were added")
  func order() throws {
    var random = OracleRandom(seed: 3)
    let names = NameTable()
    for range in [1, 90, 1 << 20, 1 << 40, Int64.max] as [Int64] {
      var calls: [Int64: [ProfileEvent]] = [:]
      var builder = HistoryBuilder(names)
      var drained = HistoryBuilder(names)
      for row in 0..<300 as Range<Int64> {
        let event = ProfileEvent(
          kind: .event(name: "e"), time: Instant(milliseconds: Int64(random.next() % 40)),
          row: row, properties: .number(Double(row)))
        let person = Int64(random.next() % UInt64(range)) - (range == .max ? range / 2 : 0)
        let account: Int64? = row % 7 == 0 ? -5 : nil
        builder.add(event, to: CallOwners(person: person, account: account))
        calls[person, default: []].append(event)
        if let account { calls[account, default: []].append(event) }
      }
      let size = builder.size
      builder.drain { drained.add($0, $1) }
      #expect(builder.count == 0 && drained.size > size)
      var found: [Int64] = []
      drained.finish { identity, history in
        found.append(identity)
        #expect(history == History(calls[identity] ?? [], names))
      }
      #expect(found == calls.keys.sorted())
      #expect(drained.count == 0)
    }
  }

  @Test("what is no JSON is refused, and leaves nothing behind")
  func refusal() throws {
    var builder = HistoryBuilder(NameTable())
    let call = ArrivedCall(kind: .page, event: 0, time: 1, row: 1, isAnonymous: false)
    let keys = (0..<20).map { "\"k\($0)\":1," }.joined()
    for line in [
      "{", "[]", #"{"properties":{"a":}}"#, #"{"properties":{}} x"#,
      #"{"properties":{"a":1,"a":2}}"#, #"{"properties":{"a":1,"\u0061":2}}"#,
      #"{"properties":{\#(keys)"k3":1}}"#, #"{"properties":{\#(keys)"k19":1}}"#,
      #"{"properties":{},"properties":{}}"#, #"{"context":{},"name":"n","context":{}}"#,
    ] {
      let bytes = Array(line.utf8)
      #expect(throws: JSONError.self, "\(line)") {
        try builder.add(call, bytes.span, to: CallOwners(person: 1))
      }
    }
    #expect(builder.count == 0 && builder.size == 0)
  }
}
