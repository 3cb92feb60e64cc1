import Values

/// A reply before it goes over the wire; its length and connection fields are added there.
struct HTTPReply: Sendable, Equatable {
  var status: Int
  var contentType: String
  var body: [UInt8]
  /// Further fields, `Name: value`.
  var fields: [String] = []

  static func text(_ status: Int, _ text: String, fields: [String] = []) -> HTTPReply {
    HTTPReply(status: status, contentType: "text/plain", body: Array(text.utf8), fields: fields)
  }

  static func json(_ status: Int, _ text: String) -> HTTPReply {
    HTTPReply(status: status, contentType: "application/json", body: Array(text.utf8))
  }

  /// A document for a person or a script: one line of JSON, ended by a line feed.
  static func document(_ value: Value) -> HTTPReply { .json(200, value.json + "\n") }

  /// A status that says nothing but itself.
  static func plain(_ status: Int, fields: [String] = []) -> HTTPReply {
    .text(status, phrase(status), fields: fields)
  }

  /// The bytes of the whole reply.
  ///
  /// - Parameters:
  ///   - closing: whether the connection ends after it.
  ///   - missing: bytes that the stated length promises and the body does not hold.
  ///   - withoutBody: leaves the body out, as the answer to a HEAD does.
  func bytes(closing: Bool, missing: Int = 0, withoutBody: Bool = false) -> [UInt8] {
    var head = "HTTP/1.1 \(status) \(Self.phrase(status))\r\n"
    // These two have no body whatever the fields say (RFC 9110, section 6.4.1).
    let isBare = status == 204 || status == 304
    if !isBare {
      head += "Content-Type: \(contentType)\r\nContent-Length: \(body.count + missing)\r\n"
    }
    for field in fields { head += field + "\r\n" }
    if closing { head += "Connection: close\r\n" }
    head += "\r\n"
    return Array(head.utf8) + (isBare || withoutBody ? [] : body)
  }

  private static func phrase(_ status: Int) -> String {
    switch status {
    case 200: "OK"
    case 204: "No Content"
    case 301: "Moved Permanently"
    case 302: "Found"
    case 303: "See Other"
    case 307: "Temporary Redirect"
    case 308: "Permanent Redirect"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 408: "Request Timeout"
    case 413: "Content Too Large"
    case 417: "Expectation Failed"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 505: "HTTP Version Not Supported"
    default: "Status"
    }
  }
}

/// A reply, and how it is to be delivered.
struct Answer: Sendable, Equatable {
  /// What the client gets to see of the reply.
  enum Delivery: Sendable, Equatable {
    case whole
    /// All of the body, under a length that promises more, and then the end.
    case truncated
    /// All of it, a byte at a time, with so many milliseconds before each.
    case dripped(milliseconds: Int)
    /// Nothing; the connection ends in good order.
    case closed
    /// Nothing; the connection is reset.
    case reset
  }

  var reply: HTTPReply
  var delivery = Delivery.whole
  /// Milliseconds to wait before the delivery.
  var hold = 0

  /// The status that the client sees, if it sees one.
  var visibleStatus: Int? {
    switch delivery {
    case .whole, .dripped, .truncated: reply.status
    case .closed, .reset: nil
    }
  }
}
