/// Why no request could be read.
enum HTTPFailure: Error, Equatable {
  /// The client went away in the middle.
  case gone
  /// What came is not HTTP as it should be: the status to answer before the connection ends.
  case refused(Int)
}

/// Reads requests from a connection, one after the other, and holds the bytes in between.
///
/// Source: RFC 9112. Everything that two servers could read differently is refused: bare line feeds,
/// folded fields, a length beside a transfer coding, two lengths that differ.
struct HTTPReader {
  /// The request line and the fields may take this many bytes together, and so may trailers.
  static let headLimit = 32_768

  private let socket: Socket
  private let bodyLimit: Int
  private let cuts: (HTTPRequest) -> Bool
  private var buffer: [UInt8] = []
  private var position = 0

  /// - Parameter cuts: whether the connection is to end in the middle of a request's body.
  init(_ socket: Socket, bodyLimit: Int, cuts: @escaping (HTTPRequest) -> Bool) {
    self.socket = socket
    self.bodyLimit = bodyLimit
    self.cuts = cuts
  }

  /// The next request, or nil when the client closed the connection in good order.
  mutating func request() throws(HTTPFailure) -> HTTPRequest? {
    guard position < buffer.count || fill() else { return nil }
    var budget = Self.headLimit
    var start = try line(&budget)
    // An empty line before a request line is to be ignored (RFC 9112, section 2.2).
    if start.isEmpty { start = try line(&budget) }
    let (method, target, isCurrent) = try Self.requestLine(start)
    let fields = try self.fields(&budget)
    let (path, query) = try Self.split(target)
    var request = HTTPRequest(
      method: method, path: path, query: query, isCurrent: isCurrent, fields: fields)
    request.body = try body(of: request)
    return request
  }

  private mutating func fields(_ budget: inout Int) throws(HTTPFailure) -> [HTTPRequest.Field] {
    var fields: [HTTPRequest.Field] = []
    while true {
      let line = try line(&budget)
      if line.isEmpty { return fields }
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0,
        line[..<colon].allSatisfy(\.isTokenByte),
        line[colon...].allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }),
        let value = String(validating: line[(colon + 1)...], as: UTF8.self)
      else { throw .refused(400) }
      let name = String(decoding: line[..<colon], as: UTF8.self)
      fields.append(HTTPRequest.Field(name: name, value: value[...].trimmingBlanks))
    }
  }

  private mutating func body(of request: HTTPRequest) throws(HTTPFailure) -> HTTPRequest.Body {
    let codings = request.list("transfer-encoding")
    let lengths = request.list("content-length")
    guard codings.isEmpty || lengths.isEmpty else { throw .refused(400) }
    guard codings.isEmpty || codings == ["chunked"] else { throw .refused(501) }
    var length = 0
    if request.field("content-length") != nil {
      let first = lengths.first ?? ""
      guard lengths.allSatisfy({ $0 == first }), (1...18).contains(first.utf8.count),
        first.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }), let number = Int(first)
      else { throw .refused(400) }
      length = number
    }
    if length > bodyLimit { return .tooLarge }
    if let expectation = request.field("expect"), request.isCurrent {
      guard expectation.lowercased() == "100-continue" else { throw .refused(417) }
      guard socket.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) else { throw .gone }
    }
    if cuts(request) {
      _ = try take(length / 2)
      throw .gone
    }
    return codings.isEmpty ? .whole(try take(length)) : try chunks()
  }

  private mutating func chunks() throws(HTTPFailure) -> HTTPRequest.Body {
    var body: [UInt8] = []
    var budget = Self.headLimit
    while true {
      var lineBudget = 256
      let digits = try line(&lineBudget).prefix { $0.hexDigit != nil }
      guard (1...8).contains(digits.count) else { throw .refused(400) }
      let size = digits.reduce(0) { $0 << 4 | Int($1.hexDigit ?? 0) }
      if size == 0 { break }
      guard body.count + size <= bodyLimit else { return .tooLarge }
      body += try take(size)
      guard try take(2) == [0x0D, 0x0A] else { throw .refused(400) }
    }
    while try !line(&budget).isEmpty {}
    return .whole(body)
  }

  private mutating func take(_ count: Int) throws(HTTPFailure) -> [UInt8] {
    while buffer.count - position < count {
      guard fill() else { throw .gone }
    }
    defer { position += count }
    return Array(buffer[position..<(position + count)])
  }

  /// The bytes up to CR LF, which is passed over. What they take goes off the budget.
  private mutating func line(_ budget: inout Int) throws(HTTPFailure) -> [UInt8] {
    var searched = position
    while true {
      if let end = buffer[searched...].firstIndex(of: 0x0A) {
        budget -= end + 1 - position
        guard budget >= 0 else { throw .refused(431) }
        guard end > position, buffer[end - 1] == 0x0D else { throw .refused(400) }
        defer { position = end + 1 }
        return Array(buffer[position..<(end - 1)])
      }
      guard buffer.count - position <= budget else { throw .refused(431) }
      let unsearched = buffer.count - position
      guard fill() else { throw .gone }
      searched = position + unsearched
    }
  }

  /// Waits for more bytes; drops those that were read.
  private mutating func fill() -> Bool {
    let more = socket.receive()
    if position > 0 {
      buffer.removeFirst(position)
      position = 0
    }
    buffer += more
    return !more.isEmpty
  }

  private static func requestLine(
    _ line: [UInt8]
  ) throws(HTTPFailure) -> (method: String, target: String, isCurrent: Bool) {
    let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[0].isEmpty, parts[0].allSatisfy(\.isTokenByte),
      !parts[1].isEmpty, parts[1].allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
      parts[2].starts(with: Array("HTTP/".utf8))
    else { throw .refused(400) }
    let version = String(decoding: parts[2].dropFirst(5), as: UTF8.self)
    guard version == "1.1" || version == "1.0" else { throw .refused(505) }
    return (
      String(decoding: parts[0], as: UTF8.self), String(decoding: parts[1], as: UTF8.self),
      version == "1.1"
    )
  }

  /// The path and the query of a target in origin form, or in the absolute form that proxies get.
  private static func split(
    _ target: String
  ) throws(HTTPFailure) -> (path: String, query: String) {
    var rest = target[...]
    if rest.hasPrefix("http://") {
      rest = rest.dropFirst(7).drop { $0 != "/" && $0 != "?" }
    }
    guard rest.hasPrefix("/") else { throw .refused(400) }
    let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
  }
}

extension UInt8 {
  /// Whether a method or a field's name may hold the byte (RFC 9110, section 5.6.2).
  fileprivate var isTokenByte: Bool {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(self)
    }
  }
}
