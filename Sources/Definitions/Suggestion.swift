/// Finds the name that was probably meant.
public enum Suggestion {
  /// The nearest of `candidates` by edit distance, when it is near enough to be worth saying.
  ///
  /// Near is a third of the length, and at least one edit; letters in another case count as equal.
  public static func nearest<Names: Sequence<String>>(to name: String, in candidates: Names)
    -> String?
  {
    let wanted = Array(name.lowercased().unicodeScalars.prefix(100))
    let limit = max(1, wanted.count / 3)
    var best: (name: String, distance: Int)?
    for candidate in candidates {
      let scalars = Array(candidate.lowercased().unicodeScalars.prefix(100))
      guard abs(scalars.count - wanted.count) <= limit else { continue }
      let distance = editDistance(wanted, scalars)
      if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
  }

  /// `did you mean 'x'?`, or nil.
  public static func help<Names: Sequence<String>>(for name: String, in candidates: Names)
    -> String?
  {
    nearest(to: name, in: candidates).map { "did you mean '\($0)'?" }
  }
}

/// Insertions, deletions, replacements and swaps of neighbours between two words.
private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
  var beforePrevious: [Int] = []
  var previous = Array(0...b.count)
  for i in 0..<a.count {
    var current = [i + 1]
    for j in 0..<b.count {
      var cost = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        cost = min(cost, beforePrevious[j - 1] + 1)
      }
      current.append(cost)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[b.count]
}
