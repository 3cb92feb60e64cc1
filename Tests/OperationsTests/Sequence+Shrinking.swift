import Oracle
import Testing

/// What became of a sequence.
enum SequenceVerdict {
  case good
  /// What was found is not what is expected: in the first line what, in the others how.
  case differs(String)
  /// A step could not be done.
  case refused(String)

  /// The verdict of a check that says how a sequence fails, and nothing when it does not.
  init(_ check: () throws -> String?) {
    do {
      self = try check().map { .differs($0) } ?? .good
    } catch {
      self = .refused("\(error)")
    }
  }

  var failure: String? {
    switch self {
    case .good: nil
    case .differs(let how): how
    case .refused(let why): "refused: \(why)"
    }
  }

  /// Whether the same fails in both.
  func isLike(_ other: SequenceVerdict) -> Bool {
    switch (self, other) {
    case (.good, .good), (.refused, .refused): true
    case (.differs(let one), .differs(let two)):
      one.prefix { $0 != "\n" } == two.prefix { $0 != "\n" }
    default: false
    }
  }
}

/// How a failing sequence fails, taken apart: the reason in comments, and a script that repeats it.
/// Nil when it does not fail.
func shrunkFailure(
  _ sequence: OracleSequence, attempts: Int = 500,
  check: (OracleSequence) throws -> String?
) -> String? {
  let verdict = SequenceVerdict { try check(sequence) }
  guard let first = verdict.failure else { return nil }
  let small = sequence.shrunk(attempts: attempts) { smaller in
    SequenceVerdict { try check(smaller) }.isLike(verdict)
  }
  let reason =
    SequenceVerdict { try check(small) }.failure
    ?? "it fails only now and then; the first time:\n\(first)"
  let comments = reason.split(separator: "\n").map { "# \($0)\n" }.joined()
  return comments + small.description
}

/// How two sets of rows differ; nil when they do not.
func difference(
  _ found: Set<[String]>, _ expected: Set<[String]>, _ what: String
) -> String? {
  guard found != expected else { return nil }
  func lines(_ rows: Set<[String]>, _ sign: String) -> String {
    rows.map { "\n  \(sign) " + $0.joined(separator: " ") }.sorted().joined()
  }
  return what + lines(found.subtracting(expected), "+") + lines(expected.subtracting(found), "-")
}
