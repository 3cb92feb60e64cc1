import Testing
import Values

@Suite("What the four destinations do: values")
struct ValueEncodingTests {
  @Test("Row 25, dates: of traits and columns, as ISO 8601 with milliseconds")
  func dates() throws {
    let (rollcall, heap) = try Rollcall.withHeap()
    try rollcall.define("joined.trait", "trait('since')")
    try rollcall.model(
      "epochs", "object: user\nidentity: id\ncolumns: seconds, day, text",
      """
      SELECT user_id AS id, strftime('%Y-%m-%dT%H:%M:%fZ', 1451606400.25, 'unixepoch') AS seconds,
        date('2016-01-31') AS day, '2016' AS text
      FROM users WHERE user_id = 'a'
      """)
    let vectors = [
      ("a", #""2016-01-01""#, #""2016-01-01T00:00:00.000Z""#),
      ("b", #""2016-01-01T01:30:00.5+02:00""#, #""2015-12-31T23:30:00.500Z""#),
      ("c", #""2016-01-01T00:00:00Z""#, #""2016-01-01T00:00:00.000Z""#),
      ("d", #""2016-02-30""#, #""2016-02-30""#), ("e", "1451606400", "1451606400"),
    ]
    try rollcall.add(vectors.map { Call.identify($0.0, #"{"since":\#($0.1)}"#, day: 1) })
    try rollcall.json("run", "--at", Call.time(2))
    for (user, _, expected) in vectors.dropFirst() {
      #expect(heap.user(user) == #"{"joined":\#(expected)}"#, "\(user)")
    }
    #expect(
      heap.user("a") == """
        {"day":"2016-01-31T00:00:00.000Z","joined":"2016-01-01T00:00:00.000Z",\
        "seconds":"2016-01-01T00:00:00.250Z","text":"2016"}
        """)
    #expect(try rollcall.json("run", "--at", Call.time(3))["requests"] == .number(0))
  }

  /// Segment's vectors: the properties of an event, and what they are as user properties.
  private static let vectors = [
    (
      #"{"bar":{"cheese":"american","prop":[1,2,3],"products":[{"A":"Jello"},{"B":"Peanut"}]}}"#,
      #"{"foo.bar.cheese":"american","foo.bar.products":"[{\"A\":\"Jello\"},{\"B\":\"Peanut\"}]","#
        + #""foo.bar.prop":"[1,2,3]"}"#
    ),
    (#"["1",2,"cheers"]"#, #"{"foo":"[\"1\",2,\"cheers\"]"}"#),
    (#"{"a":[]}"#, #"{"foo.a":"[]"}"#),
    (#"{"x":true,"y":{"z":false}}"#, #"{"foo.x":"true","foo.y.z":"false"}"#),
    (
      #"{"a":"é/\"😀","b":[null,"/",{"c":null}]}"#,
      #"{"foo.a":"é/\"😀","foo.b":"[null,\"/\",{\"c\":null}]"}"#
    ),
    (#"{"n":42.0,"m":0.30000000000000004}"#, #"{"foo.m":0.30000000000000004,"foo.n":42}"#),
  ]

  @Test("Row 28, nested values: flattened with dots, arrays as JSON, byte for byte")
  func nested() throws {
    let (rollcall, heap) = try Rollcall.withHeap()
    try rollcall.define("foo.trait", "event('Set').last(property('foo'))")
    for (index, vector) in Self.vectors.enumerated() {
      try rollcall.add(
        Call.track("Set", "u\(index)", day: 1, id: "\(index)", #"{"foo":\#(vector.0)}"#))
    }
    // What holds nothing makes no property.
    for (index, empty) in [#"{"a":null}"#, #"{"a":{}}"#, #"{"a":{"b":null}}"#, "null"].enumerated()
    {
      try rollcall.add(
        Call.track("Set", "none\(index)", day: 1, id: "none \(index)", #"{"foo":\#(empty)}"#))
    }
    try rollcall.json("run", "--at", Call.time(2))
    for (index, vector) in Self.vectors.enumerated() {
      #expect(heap.user("u\(index)") == vector.1)
    }
    #expect(heap.count("created_users") == Self.vectors.count && heap.count("rejected") == 0)
    // Two parts with one name: neither is sent, the rest is, and it is said.
    try rollcall.add(
      Call.track("Set", "ann", day: 2, id: "ann", #"{"foo":{"a.b":1,"a":{"b":2,"c":3}}}"#))
    let run = try rollcall.json("run", "--at", Call.time(3), exits: 3)
    #expect(run["destinations"][0]["quarantined"] == .number(1))
    #expect(heap.user("ann") == #"{"foo.a.c":3}"#)
    #expect(
      try rollcall.rows("SELECT reason FROM quarantine")
        == ["two parts of the value have this name"])
  }
}
