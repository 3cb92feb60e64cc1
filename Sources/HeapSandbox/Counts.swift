import Values

/// What the sandbox counts, for each app and in total; the raw values are stable names.
enum Counter: String, CaseIterable, Sendable {
  /// Requests that were answered 200 and applied, at least in part.
  case accepted
  /// Arrays in events' properties that were joined into one string.
  case arraysJoined = "arrays_joined"
  /// Bytes of the bodies of all requests.
  case bytes
  /// Events whose idempotency key was there already, with other content: none, when keys are right.
  case conflictingDuplicates = "conflicting_duplicates"
  /// Accounts that were not there before.
  case createdAccounts = "created_accounts"
  /// Events that were stored.
  case createdEvents = "created_events"
  /// Users that were not there before.
  case createdUsers = "created_users"
  /// Events that got the time of arrival, since they named none.
  case defaultedTimestamps = "defaulted_timestamps"
  /// Items that were over a rate limit and discarded, although the answer was 200.
  case droppedByLimit = "dropped_by_limit"
  /// Properties and elements that the lenient profile left out.
  case droppedValues = "dropped_values"
  /// Requests and, where requests are applied in part, items that name an identity or an account for
  /// the second time; also in `rejected` and `rejected_items`.
  case duplicateInBatch = "duplicate_in_batch"
  /// Events whose idempotency key was there already. The stored event stays as it was.
  case duplicates
  /// Requests that met a scripted fault.
  case faults
  /// Identify calls past the limits, which were answered 200 and ignored.
  case ignoredIdentifies = "ignored_identifies"
  /// Users, events, accounts and identify calls that were applied.
  case items
  /// Requests that could not be written to the journal file.
  case journalFailures = "journal_failures"
  /// What came over a connection and was no HTTP request.
  case malformed
  /// Requests that were answered 200 and not applied, since their app lives in the other region.
  case misrouted
  /// Property writes that changed nothing: none, when only changes are sent.
  case noOpPropertyWrites = "no_op_property_writes"
  /// Requests that a fault kept from being applied.
  case notApplied = "not_applied"
  /// Accounts in the accepted requests that nothing ties to users, for want of the setting.
  case orphanAccounts = "orphan_accounts"
  /// Properties of users and accounts in the accepted requests.
  case propertyWrites = "property_writes"
  /// Requests that were answered 429, by a limit or by a fault.
  case rateLimited = "rate_limited"
  /// Requests that broke a rule.
  case rejected
  /// Requests that a rate limit refused whole.
  case rejectedByLimit = "rejected_by_limit"
  /// Items that broke a rule in a request whose other items were applied.
  case rejectedItems = "rejected_items"
  /// Requests to Heap's endpoints, whatever became of them.
  case requests
  /// Strings that were cut.
  case truncatedValues = "truncated_values"
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
