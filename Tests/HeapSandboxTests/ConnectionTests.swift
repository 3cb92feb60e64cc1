import Glibc
import HeapSandbox
import Testing
import Values

/// HTTP as such: connections, bodies, and what is no HTTP.
@Suite struct ConnectionTests {
  @Test("two requests go over one connection, one after the other")
  func keepAlive() throws {
    let heap = try Rehearsal()
    let client = try heap.connect()
    for name in ["a", "b"] {
      let body = Rehearsal.user("\"\(name)\"")
      client.send(Rehearsal.request("POST", Rehearsal.users, body: body))
      let reply = try client.reply()
      #expect(reply.status == 200)
      #expect(reply.fields["content-length"] == "2")
      #expect(reply.fields["connection"] == nil)
    }
    #expect(heap.count("created_users") == 2)
  }

  @Test("a refused request leaves the connection open")
  func keepAliveAfterRefusal() throws {
    let heap = try Rehearsal()
    let client = try heap.connect()
    client.send(Rehearsal.request("POST", Rehearsal.users, body: "{}"))
    #expect(try client.reply().status == 400)
    client.send(Rehearsal.request("POST", Rehearsal.users, body: Rehearsal.user()))
    #expect(try client.reply().status == 200)
  }

  @Test("requests sent at once are answered in order")
  func pipelining() throws {
    let heap = try Rehearsal()
    let client = try heap.connect()
    client.send(
      Rehearsal.request("POST", Rehearsal.users, body: Rehearsal.user())
        + Rehearsal.request("GET", "/nothing")
        + Rehearsal.request("POST", Rehearsal.users, body: "{}"))
    #expect(try (0..<3).map { _ in try client.reply().status } == [200, 404, 400])
  }

  @Test("a request may come in pieces")
  func pieces() throws {
    let heap = try Rehearsal()
    let client = try heap.connect()
    let request = Rehearsal.request("POST", Rehearsal.users, body: Rehearsal.user())
    for byte in request.utf8 {
      client.send([byte])
      // So that a line's end is likely to come in two parts.
      if byte == 0x0D { usleep(2000) }
    }
    #expect(try client.reply().status == 200)
  }

  @Test("Connection: close and HTTP/1.0 end the connection after the reply")
  func closing() throws {
    let heap = try Rehearsal()
    for head in ["GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"] {
      let client = try heap.connect()
      client.send(head)
      let reply = try client.reply()
      #expect(reply.status == 404)
      #expect(reply.fields["connection"] == "close")
      #expect(try client.isEnded())
    }
  }

  private static let head =
    "POST \(Rehearsal.users) HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"

  @Test("a chunked body is read")
  func chunked() throws {
    let heap = try Rehearsal()
    let client = try heap.connect()
    let body = Array(Rehearsal.user().utf8)
    let first = String(decoding: body[..<10], as: UTF8.self)
    let rest = String(decoding: body[10...], as: UTF8.self)
    client.send(
      Self.head + "Transfer-Encoding: chunked\r\n\r\nA;x=y\r\n\(first)\r\n"
        + "\(String(rest.utf8.count, radix: 16))\r\n\(rest)\r\n0\r\nTrailer: t\r\n\r\n")
    #expect(try client.reply().status == 200)
    client.send(Rehearsal.request("POST", Rehearsal.users, body: Rehearsal.user()))
    #expect(try client.reply().status == 200)
    #expect(heap.count("bytes", app: "11") == 2 * body.count)
  }

  @Test("a chunked body over the limit is answered 413 before its end")
  func chunkedTooLarge() throws {
    let heap = try Rehearsal()
    let client = try heap.connect()
    client.send(Self.head + "Transfer-Encoding: chunked\r\n\r\n200000\r\n")
    #expect(try client.reply().status == 413)
  }

  @Test("a client that expects 100 Continue gets it, unless the body is too large")
  func expectation() throws {
    let heap = try Rehearsal()
    let client = try heap.connect()
    let body = Rehearsal.user()
    client.send(Self.head + "Expect: 100-continue\r\nContent-Length: \(body.utf8.count)\r\n\r\n")
    #expect(try client.reply().status == 100)
    client.send(body)
    #expect(try client.reply().status == 200)
    client.send(Self.head + "Expect: 100-continue\r\nContent-Length: 2000000\r\n\r\n")
    #expect(try client.reply().status == 413)
  }

  @Test("a large body is answered 413 although it is not read")
  func largeBody() throws {
    let heap = try Rehearsal()
    let client = try heap.connect()
    client.send(Self.head + "Content-Length: 900000000000\r\n\r\n{")
    #expect(try client.reply().status == 413)
    client.finish()
    #expect(try client.isEnded())
  }

  @Test("a client that sends its large body all the same is not cut off")
  func largeBodySent() throws {
    let heap = try Rehearsal()
    let client = try heap.connect()
    let size = 7 << 20
    let body = [UInt8](repeating: 0x20, count: size)
    #expect(client.send(Array((Self.head + "Content-Length: \(size)\r\n\r\n").utf8) + body))
    #expect(try client.reply().status == 413)
    client.finish()
    #expect(try client.isEnded())
  }

  @Test("other paths are 404 and other methods 405")
  func routes() throws {
    let heap = try Rehearsal()
    for path in ["/", "/api/integrations/add_user_properties", Rehearsal.users + "/", "/__/x"] {
      let reply = try heap.send("POST", path, body: Rehearsal.user())
      #expect(reply.status == 404)
      #expect(reply.fields["content-type"] == "text/plain")
    }
    for method in ["GET", "PUT", "DELETE", "post"] {
      let reply = try heap.send(method, Rehearsal.users)
      #expect(reply.status == 405)
      #expect(reply.fields["allow"] == "POST")
    }
    #expect(try heap.send("POST", "/__/counters").status == 405)
    #expect(try heap.get("/__/reset").status == 405)
    #expect(heap.count("requests") == 0)
  }

  @Test("a HEAD gets no body, and the connection stays in step")
  func head() throws {
    let heap = try Rehearsal()
    let client = try heap.connect()
    client.send("HEAD /__/state.json HTTP/1.1\r\n\r\nHEAD /api HTTP/1.1\r\n\r\n")
    let reply = try client.reply(withoutBody: true)
    #expect(reply.status == 200)
    #expect(reply.fields["content-length"] == "12")
    #expect(try client.reply(withoutBody: true).status == 404)
  }

  @Test("a proxy's absolute target is understood")
  func absolute() throws {
    let heap = try Rehearsal()
    let target = "http://127.0.0.1:\(heap.sandbox.port)\(Rehearsal.users)"
    #expect(try heap.send("POST", target, body: Rehearsal.user()).status == 200)
  }

  @Test(
    "what is no HTTP is refused, and the connection ends",
    arguments: [
      ("hello\r\n\r\n", 400),
      ("GET / HTTP/1.1\n\n", 400),
      ("GET /a b HTTP/1.1\r\n\r\n", 400),
      ("GET  HTTP/1.1\r\n\r\n", 400),
      ("G@T / HTTP/1.1\r\n\r\n", 400),
      ("GET x HTTP/1.1\r\n\r\n", 400),
      ("GET / HTTP/2.0\r\n\r\n", 505),
      ("GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\n: x\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nA : x\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nA: x\r\n folded\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nA: \u{0}\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nContent-Length: +1\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nContent-Length:\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
      ("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400),
      ("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc", 400),
      ("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n", 400),
      ("GET / HTTP/1.1\r\nExpect: tea\r\n\r\n", 417),
    ])
  func garbage(_ bytes: String, _ status: Int) throws {
    try Self.expectRefusal(of: bytes, status)
  }

  @Test("a head has at most 32 KiB")
  func headLimit() throws {
    let start = "GET / HTTP/1.1\r\nA: "
    func head(_ size: Int) -> String {
      start + String(repeating: "x", count: size - start.utf8.count - 4) + "\r\n\r\n"
    }
    let heap = try Rehearsal()
    let client = try heap.connect()
    client.send(head(32_768))
    #expect(try client.reply().status == 404)
    try Self.expectRefusal(of: head(32_769), 431)
    try Self.expectRefusal(of: String(repeating: "x", count: 40_000), 431)
  }

  private static func expectRefusal(of bytes: String, _ status: Int) throws {
    let heap = try Rehearsal()
    let client = try heap.connect()
    client.send(bytes)
    let reply = try client.reply()
    #expect(reply.status == status)
    #expect(reply.fields["connection"] == "close")
    client.finish()
    #expect(try client.isEnded())
    #expect(heap.count("malformed") == 1)
    #expect(try heap.add(Rehearsal.user()).status == 200)
  }

  @Test("random bytes and broken connections do not harm it")
  func noise() throws {
    let heap = try Rehearsal()
    var seed: UInt64 = 1
    for length in stride(from: 1, to: 4000, by: 97) {
      let client = try heap.connect()
      client.send(
        (0..<length).map { _ in
          seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          return UInt8(truncatingIfNeeded: seed >> 33)
        })
    }
    let request = Rehearsal.request("POST", Rehearsal.users, body: Rehearsal.user())
    for length in stride(from: 1, to: request.utf8.count, by: 5) {
      try heap.connect().send(Array(request.utf8.prefix(length)))
    }
    #expect(try heap.add(Rehearsal.user()).status == 200)
    #expect(heap.count("accepted") == 1)
  }
}
