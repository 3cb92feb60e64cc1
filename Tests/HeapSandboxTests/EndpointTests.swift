import HeapSandbox
import Testing
import Values

/// What all endpoints have in common: paths and methods, content type, app ids, regions, replies.
@Suite struct EndpointTests {
  /// Every endpoint with a body that it accepts.
  static let bodies: [(path: String, body: String)] = [
    (Rehearsal.track, TrackTests.body("")), (Rehearsal.users, Rehearsal.user()),
    (Rehearsal.accounts, Rehearsal.account()), (Rehearsal.identify, IdentifyTests.body("7", "ann")),
  ]

  @Test("an endpoint takes POST alone", arguments: bodies.map(\.path))
  func methods(_ path: String) throws {
    let heap = try Rehearsal()
    for method in ["GET", "PUT", "DELETE"] {
      let reply = try heap.send(method, path)
      #expect(reply.status == 405)
      #expect(reply.fields["allow"] == "POST")
      #expect(reply.fields["content-type"] == "text/plain")
    }
    #expect(heap.count("requests") == 0)
  }

  @Test(
    "there is no other path, not even that of the partners' interface",
    arguments: [
      "/api/integrations/track", "/api/integrations/add_user_properties", "/api/identify",
      "/api/v1/track", "/api/track/", "/api", "/",
    ])
  func paths(_ path: String) throws {
    let reply = try Rehearsal().post(path, Rehearsal.user())
    #expect(reply.status == 404)
    #expect(reply.fields["content-type"] == "text/plain")
  }

  @Test("another content type is answered in plain text", arguments: bodies)
  func contentType(_ vector: (path: String, body: String)) throws {
    let heap = try Rehearsal()
    let reply = try heap.send("POST", vector.path, body: vector.body, type: "text/plain")
    #expect(reply.status == 400)
    #expect(reply.fields["content-type"] == "text/plain")
    #expect(reply.body == "Bad request")
    #expect(try heap.post(vector.path, vector.body).status == 200)
  }

  @Test("an app that nobody has is answered as ever, and kept nothing of", arguments: bodies)
  func unknownApp(_ vector: (path: String, body: String)) throws {
    let known = try Rehearsal()
    let heap = try Rehearsal(HeapSandbox.Configuration(knownApps: ["12"]))
    #expect(try heap.post(vector.path, vector.body) == known.post(vector.path, vector.body))
    #expect(heap.count("unknown_app", app: "11") == 1)
    #expect(heap.sandbox.state().json == #"{"apps":{}}"#)
  }

  @Test("an app of the other region is answered 200 and not applied", arguments: bodies)
  func misrouted(_ vector: (path: String, body: String)) throws {
    for (region, home, isHere) in [
      (HeapSandbox.Region.us, HeapSandbox.Region.eu, false), (.us, .us, true), (.eu, .us, false),
      (.eu, .eu, true),
    ] {
      var configuration = HeapSandbox.Configuration()
      configuration.region = region
      configuration.regions = ["11": home]
      let heap = try Rehearsal(configuration)
      #expect(try heap.post(vector.path, vector.body).status == 200)
      #expect(heap.count("misrouted", app: "11") == (isHere ? 0 : 1))
      #expect(heap.count("items") == (isHere ? 1 : 0))
      #expect((heap.sandbox.state().json == #"{"apps":{}}"#) != isHere)
      #expect(heap.sandbox.requests().json.contains(#""decision":"misrouted""#) != isHere)
    }
  }

  @Test("an app without a region is at home in both")
  func everywhere() throws {
    var configuration = HeapSandbox.Configuration()
    configuration.region = .eu
    configuration.regions = ["12": .us]
    let heap = try Rehearsal(configuration)
    try heap.add(Rehearsal.user())
    #expect(heap.properties("ann") == #"{"n":1}"#)
  }

  /// What the first replies are to accepted requests of a user.
  private static func replies(_ seed: UInt64?, _ path: String = Rehearsal.users) throws -> [String]
  {
    var configuration = HeapSandbox.Configuration()
    configuration.emptyReplies = seed
    let heap = try Rehearsal(configuration)
    return try (0..<16).map { number in
      let body =
        path == Rehearsal.users ? Rehearsal.user("\"u\(number)\"") : Rehearsal.account()
      let reply = try heap.post(path, body)
      return "\(reply.status) \(reply.fields["content-type"] ?? "-") \(reply.body)"
    }
  }

  @Test("with empty replies 204 and an empty body take turns, the same way for the same seed")
  func emptyReplies() throws {
    let replies = try Self.replies(1)
    #expect(Set(replies) == ["204 - ", "200 text/plain "])
    #expect(try Self.replies(1) == replies)
    #expect(try Self.replies(2) != replies)
    #expect(try Set(Self.replies(nil)) == ["200 application/json {}"])
    #expect(try Set(Self.replies(1, Rehearsal.accounts)) == ["200 text/plain OK"])
  }

  @Test("a refusal is not emptied")
  func refusal() throws {
    var configuration = HeapSandbox.Configuration()
    configuration.emptyReplies = 1
    let reply = try Rehearsal(configuration).add("{}")
    #expect(reply.status == 400)
    #expect(reply.body == "{}")
  }
}
