import Values

/// One of Heap's endpoints: how its body is read, and what it answers.
protocol Endpoint: Sendable {
  var path: String { get }
  var success: HTTPReply { get }
  var refusal: HTTPReply { get }
  /// The field that holds the items of a bulk request; nil where there is no bulk form.
  var list: String? { get }
  /// The fields that an item may have.
  var fields: [String] { get }
  /// Whether the strict profile refuses a request that names one identity or account twice.
  var refusesRepeats: Bool { get }

  /// Reads one item.
  ///
  /// - Parameter counts: takes what was changed on the way in.
  func call(of item: BatchItem, counting counts: inout Counts) throws(Rejection) -> Call
}

extension Endpoint {
  var success: HTTPReply { .json(200, "{}") }
  var refusal: HTTPReply { .json(400, "{}") }

  /// Reads the body of a request to a known app. What every endpoint asks of a request (content
  /// type, size, JSON, `app_id`) has been checked.
  ///
  /// One bad item refuses the whole request, unless the rules apply the others.
  func update(from body: [Value.Member], under rules: Rules) throws(Rejection) -> Update {
    let batch = try Batch(body, list: list, fields: fields, profile: rules.profile)
    let appliesValid = rules.partial == .applyValid && batch.isBulk
    if !appliesValid {
      for case let flaw? in batch.items.map(\.unknownField) { throw flaw }
    }
    var update = Update(isBulk: batch.isBulk)
    var seen: Set<Subject> = []
    var repeated: Rejection?
    for item in batch.items {
      do throws(Rejection) {
        if let flaw = item.unknownField { throw flaw }
        var counts = Counts()
        let call = try call(of: item, counting: &counts)
        if refusesRepeats, rules.profile == .strict, !seen.insert(call.subject).inserted {
          let rejection = Rejection(.duplicateInBatch, item: item.place)
          if appliesValid { throw rejection }
          repeated = repeated ?? rejection
        }
        update.calls.append(call)
        update.counts += counts
      } catch {
        guard appliesValid else { throw error }
        update.rejections.append(error)
      }
    }
    // The last rule of all: every item is well-formed before two of them are compared.
    if let repeated { throw repeated }
    return update
  }
}

/// What the sandbox was set up to take.
struct Rules: Sendable {
  var profile = HeapSandbox.Profile.strict
  var partial = HeapSandbox.PartialBatch.refuse
  /// Nil when every app is known.
  var knownApps: Set<ExactString>?
  var region = HeapSandbox.Region.us
  /// The apps whose region is given; the others are at home in every region.
  var regions: [ExactString: HeapSandbox.Region] = [:]
}

/// What becomes of a request by its own merits, before any fault and any limit.
enum Verdict: Sendable {
  case refused(Rejection, app: ExactString?)
  /// Heap answers 200 to a well-formed app id that is nobody's, and keeps nothing.
  case discarded(app: ExactString)
  /// The app lives in the other region: answered 200 and not applied.
  case misrouted(app: ExactString)
  case accepted(Update, app: ExactString)

  /// The app that the request names, as far as it was read.
  var app: ExactString? {
    switch self {
    case .refused(_, let app): app
    case .discarded(let app), .misrouted(let app), .accepted(_, let app): app
    }
  }

  /// Tries the rules in their order; the first that fails decides.
  static func on(_ request: HTTPRequest, to endpoint: some Endpoint, under rules: Rules) -> Verdict
  {
    var app: ExactString?
    do throws(Rejection) {
      guard request.mediaType == "application/json" else { throw Rejection(.contentType) }
      guard case .whole(let bytes) = request.body else { throw Rejection(.bodyTooLarge) }
      let members = try object(bytes)
      let id = try appID(members, rules.profile)
      app = id
      if let known = rules.knownApps, !known.contains(id) { return .discarded(app: id) }
      if let home = rules.regions[id], home != rules.region { return .misrouted(app: id) }
      return .accepted(try endpoint.update(from: members, under: rules), app: id)
    } catch {
      return .refused(error, app: app)
    }
  }

  private static func object(_ bytes: [UInt8]) throws(Rejection) -> [Value.Member] {
    let body: Value
    do throws(JSONError) {
      body = try Value(json: bytes.span)
    } catch {
      throw Rejection(.notJSON, error: error)
    }
    guard case .object(let members) = body else { throw Rejection(.notAnObject) }
    return members
  }

  private static func appID(
    _ members: [Value.Member], _ profile: HeapSandbox.Profile
  ) throws(Rejection) -> ExactString {
    switch members["app_id"] {
    case .string(let text) where text.isDigits: return ExactString(text)
    case .number(let number) where profile == .lenient:
      if let whole = UInt64(exactly: number) { return ExactString(String(whole)) }
    default: break
    }
    throw Rejection(.appID)
  }
}

extension [Value.Member] {
  /// The value of that name; nil when there is none, and `absent` for a `null`.
  subscript(key: String) -> Value? {
    first { $0.key.isExactly(key) }?.value
  }
}
