import Definitions
import Evaluation
import Membership
import Values

/// What threads evaluate for everybody (`FullScan`), or for some users (`ListScan`).
struct ScanTask: Sendable {
  let definitions: [Definition]
  let names: NameTable
  /// The place of each of the definitions among the entries.
  let places: [Int]
  /// Whether these are all enabled definitions. If not, the others keep their values.
  let isWhole: Bool
  let coder: OutcomeCoder
  let watermark: Int64
  /// Whether some definition includes profiles with an anonymous id alone.
  let includesAnonymous: Bool
  let now: Instant
  /// Profiles that are left out.
  let excluded: Set<Int64>
  let digests: DigestUse
}

/// What a thread hands over: how many it evaluated, and whose standing is another one. Of whom it has put
/// together what is to be written there are changes and revisions, of others findings.
struct ScanLetter: Sendable {
  var evaluated = 0
  var findings: [MembershipSnapshot.Finding] = []
  /// What is different for some, in their order, and the blocks in which they stand now.
  var changes: [MembershipSnapshot.Change] = []
  var revisions: [StandingRevision] = []
  var digests: [DigestBlock] = []
}
