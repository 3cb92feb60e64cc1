import Values

/// What the sandbox counts, for each app and in total; the raw values are stable names.
enum Counter: String, CaseIterable, Sendable {
  /// Requests that were answered 200 and applied.
  case accepted
  /// Bytes of the bodies of all requests.
  case bytes
  /// Users that were not there before.
  case createdUsers = "created_users"
  /// Requests refused because an identity stands twice in them; also in `rejected`.
  case duplicateInBatch = "duplicate_in_batch"
  /// Requests that met a scripted fault.
  case faults
  /// Users in the accepted requests.
  case items
  /// Requests that could not be written to the journal file.
  case journalFailures = "journal_failures"
  /// What came over a connection and was no HTTP request.
  case malformed
  /// Property writes that changed nothing: none, when only changes are sent.
  case noOpPropertyWrites = "no_op_property_writes"
  /// Requests that a fault kept from being applied.
  case notApplied = "not_applied"
  /// Properties in the accepted requests.
  case propertyWrites = "property_writes"
  /// Requests that were answered 429.
  case rateLimited = "rate_limited"
  /// Requests that broke a rule.
  case rejected
  /// Requests to Heap's endpoints, whatever became of them.
  case requests
  /// Property writes that turned a number into a string, or a string into a number.
  case typeFlips = "type_flips"
  /// Requests that were answered 200 and discarded, since nobody has the app id.
  case unknownApp = "unknown_app"
}

/// A number for each counter, 0 at first.
struct Counts: Sendable {
  private var numbers: [Counter: Int] = [:]

  subscript(counter: Counter) -> Int {
    get { numbers[counter, default: 0] }
    set { numbers[counter] = newValue }
  }

  static func += (counts: inout Counts, more: Counts) {
    for (counter, number) in more.numbers { counts[counter] += number }
  }

  /// All counters by name, sorted.
  var value: Value {
    let names = Counter.allCases.sorted { $0.rawValue < $1.rawValue }
    return .object(names.map { Value.Member($0.rawValue, .number(Double(self[$0]))) })
  }
}

/// The counts of every app, and those of all requests together.
struct Tally: Sendable {
  private var total = Counts()
  private var apps: [ExactString: Counts] = [:]

  /// Adds to the total, and to the app when the request named one.
  mutating func add(_ counts: Counts, app: ExactString?) {
    total += counts
    if let app { apps[app, default: Counts()] += counts }
  }

  var value: Value {
    .object([
      Value.Member("apps", .sortedObject(apps, \.value)),
      Value.Member("total", total.value),
    ])
  }
}
