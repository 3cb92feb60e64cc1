import Evaluation
import SQLite
import Values

/// Packs the calls of rows into histories.
struct CallPacking: Sendable {
  private let names: NameTable
  /// What the events are called, by the ids of the names in the store.
  private var texts: [Int64: String] = [:]
  /// The numbers of these in packed histories, given at the first call that is packed.
  private var numbers: [Int64: Int32] = [:]

  init(_ names: NameTable) { self.names = names }

  /// Packs calls, as far as their owners are in a range.
  ///
  /// - Throws: `SQLiteError.damaged` when a row holds no JSON.
  mutating func pack(
    _ calls: ArrivedCalls, of range: ClosedRange<Int64> = .min ... .max,
    into builder: inout HistoryBuilder
  ) throws(SQLiteError) {
    if !calls.names.isEmpty { texts.merge(calls.names) { $1 } }
    let bodies = calls.bodies.span
    for row in calls.rows {
      let owners = row.owners.filter(range)
      guard !owners.isEmpty else { continue }
      let call = ArrivedCall(
        kind: row.kind, event: number(row), time: row.time, row: row.seq,
        isAnonymous: row.user == 0)
      do throws(JSONError) {
        try builder.add(call, bodies.extracting(row.body), to: owners)
      } catch {
        // They were validated when they came in. An event that is silently none would be an exit.
        throw .damaged("events")
      }
    }
  }

  private mutating func number(_ row: ArrivedCalls.Row) -> Int32 {
    guard row.kind.isEvent else { return 0 }
    if let number = numbers[row.event] { return number }
    let number = names.number(of: texts[row.event] ?? "")
    numbers[row.event] = number
    return number
  }
}
