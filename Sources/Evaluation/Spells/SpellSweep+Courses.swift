import Definitions
import Values

/// Conditions over the range.
extension SpellSweep {
  /// A condition of a profile.
  mutating func course(_ index: Int, _ bytes: Span<UInt8>) -> Course {
    switch scan.nodes[index] {
    case .and(let range): return combine(range, bytes, deciding: false)
    case .or(let range): return combine(range, bytes, deciding: true)
    case .not(let inner):
      var course = course(inner, bytes)
      course.truth.toggle()
      return course
    case .count(let stream, let relation, let number):
      return count(stream, relation, number)
    case .number(let leaf, let relation, let other):
      var walk = start(leaf, bytes)
      var course = Course(start: turns.count, count: 0, truth: tally.stands(relation, to: other))
      while let moment = advance(&walk) {
        note(tally.stands(relation, to: other), at: moment, in: &course)
      }
      return course
    case .leaf(let leaf, let test):
      var walk = start(leaf, bytes)
      var course = Course(
        start: turns.count, count: 0, truth: scan.matcher.passes(test, value(leaf, bytes)))
      while let moment = advance(&walk) {
        note(scan.matcher.passes(test, value(leaf, bytes)), at: moment, in: &course)
      }
      return course
    case .compare(let left, let relation, let right):
      return compare(pieces(left, bytes), relation, pieces(right, bytes))
    case .trait(let path, let test):
      var walk = TraitWalk(begin)
      var course = Course(
        start: turns.count, count: 0,
        truth: scan.matcher.passes(test, walk.cell(path, &scan, bytes), bytes))
      while let moment = walk.advance(&scan, to: to) {
        let truth = scan.matcher.passes(test, walk.cell(path, &scan, bytes), bytes)
        note(truth, at: moment, in: &course)
      }
      return course
    }
  }

  /// Takes in what a condition is from an instant on. Several times at one instant, the last one counts.
  mutating func note(_ truth: Bool, at moment: Int64, in course: inout Course) {
    guard truth != (course.truth != (course.count % 2 == 1)) else { return }
    if course.count > 0, turns[course.start + course.count - 1] == moment {
      course.count -= 1
      turns.resize(to: course.start + course.count, 0)
    } else {
      turns.append(moment)
      course.count += 1
    }
  }

  /// AND (`deciding` false) and OR (`deciding` true).
  private mutating func combine(
    _ range: Range<Int>, _ bytes: Span<UInt8>, deciding: Bool
  ) -> Course {
    var whole = Course(start: turns.count, count: 0, truth: !deciding)
    for place in range {
      let part = course(scan.children[place], bytes)
      whole = merge(whole, part, deciding: deciding)
      if whole.count == 0, whole.truth == deciding { break }
    }
    return whole
  }

  /// Two courses, the second one at the end of `turns`, right behind the first.
  mutating func merge(_ one: Course, _ other: Course, deciding: Bool) -> Course {
    let end = other.start + other.count
    var whole = Course(
      start: end, count: 0,
      truth: one.truth == deciding || other.truth == deciding ? deciding : !deciding)
    var (a, b) = (one.start, other.start)
    var (isOne, isOther) = (one.truth, other.truth)
    let (endOfOne, endOfOther) = (one.start + one.count, end)
    while a < endOfOne || b < endOfOther {
      let moment = min(
        a < endOfOne ? turns[a] : .max, b < endOfOther ? turns[b] : .max)
      if a < endOfOne, turns[a] == moment {
        isOne.toggle()
        a += 1
      }
      if b < endOfOther, turns[b] == moment {
        isOther.toggle()
        b += 1
      }
      note(
        isOne == deciding || isOther == deciding ? deciding : !deciding, at: moment, in: &whole)
    }
    for offset in 0..<whole.count { turns[one.start + offset] = turns[end + offset] }
    turns.resize(to: one.start + whole.count, 0)
    whole.start = one.start
    return whole
  }

  // MARK: Counts

  private mutating func count(_ stream: Int, _ relation: Relation, _ number: Double) -> Course {
    var walk = walk(stream)
    var truth = count(&walk, upTo: begin, relation, number)
    var course = Course(start: turns.count, count: 0, truth: truth)
    while let moment = nextMoment(walk) {
      truth = count(&walk, upTo: moment, relation, number)
      note(truth, at: moment, in: &course)
    }
    return course
  }

  /// Takes the moves up to a moment, and holds the count of those that are there then against a number.
  @inline(__always)
  private func count(
    _ walk: inout Walk, upTo moment: Int64, _ relation: Relation, _ number: Double
  ) -> Bool {
    while let entry = entry(walk), entry.time <= moment { walk.entering += 1 }
    while let exit = exit(walk), exit.time <= moment { walk.leaving += 1 }
    let count = Double(walk.entering - walk.leaving)
    guard number.isFinite else { return Value.number(count).stands(relation, to: .number(number)) }
    return relation.holds(count, number)
  }

  // MARK: Two leaves

  /// What a leaf comes to from one instant to the next.
  private mutating func pieces(_ leaf: Int, _ bytes: Span<UInt8>) -> [(since: Int64, value: Value)]
  {
    var walk = start(leaf, bytes)
    var pieces = [(since: begin, value: value(leaf, bytes))]
    while let moment = advance(&walk) { pieces.append((moment, value(leaf, bytes))) }
    return pieces
  }

  private mutating func compare(
    _ left: [(since: Int64, value: Value)], _ relation: Relation,
    _ right: [(since: Int64, value: Value)]
  ) -> Course {
    func truth(_ a: Value, _ b: Value) -> Bool {
      a.isPresent && b.isPresent && a.stands(relation, to: b)
    }
    var (a, b) = (0, 0)
    var course = Course(start: turns.count, count: 0, truth: truth(left[0].value, right[0].value))
    while a + 1 < left.count || b + 1 < right.count {
      let moment = min(
        a + 1 < left.count ? left[a + 1].since : .max,
        b + 1 < right.count ? right[b + 1].since : .max)
      if a + 1 < left.count, left[a + 1].since == moment { a += 1 }
      if b + 1 < right.count, right[b + 1].since == moment { b += 1 }
      note(truth(left[a].value, right[b].value), at: moment, in: &course)
    }
    return course
  }
}
