/// What stands in the tables of a scan, and in its lists of one profile.
extension ScanEvaluator {
  /// What an event has to pass to belong to a stream.
  struct Gate: BitwiseCopyable {
    /// The first time that is not over, and the last that is not still to come.
    let from: Int64
    let there: Int64
    let condition: Int
    let column: Int
    let stream: Int
  }

  /// What is asked of the events of one name.
  struct Slot: BitwiseCopyable {
    /// A run of gates, in the order of their conditions.
    var start = 0
    var end = 0
    /// Before that nobody asks.
    var from = Int64.max
    /// The columns that are read, a bit each; the last bit stands for all from there on.
    var columns: UInt64 = 0
  }

  /// An event that passes a gate.
  struct Hit: BitwiseCopyable {
    let time: Int64
    /// Where the column's value stands in the history; -1 for nowhere.
    let cell: Int32
    /// Of which stream it is. In a chunk, what is known of its value: the number of that among those of its run,
    /// or how many hundredths it is.
    let stream: Int32
  }

  /// Where the hits of a stream are: those that count now, then those still to come.
  struct Place: BitwiseCopyable {
    var start = 0
    var kept = 0
    var coming = 0
    var end: Int { start + kept + coming }
  }

  /// What is asked of a stream's hits.
  struct StreamEntry {
    let low: Int64
    let high: Int64
    let related: Int
    /// Whether hits that are still to come are the general evaluator's.
    let forbidsComing: Bool
    /// The definitions that the stream concerns, a run of `concernedByStream`.
    let concerned: Range<Int>
    /// The first time that is not over, and the last that is not still to come.
    let from: Int64
    let there: Int64
    /// Where the groups of a chunk's hits are, among the runs.
    let run: Int
  }

  /// Where the value of a path in the custom traits was found, in the profile of this number.
  struct TraitFound: BitwiseCopyable {
    var profile = -1
    var cell = -1
    var until = Int64.max
  }

  struct TraitCall: BitwiseCopyable {
    let time: Int64
    let payload: Int
  }
}
