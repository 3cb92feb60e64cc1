/// The one pass over the records of a history.
extension ScanEvaluator {
  /// Reads the records. Returns the time of the first call with a user id, and whether the definitions
  /// that the pass cannot do ask for one of the events.
  mutating func pass(_ bytes: Span<UInt8>) -> (ofUser: Int64, asksOthers: Bool) {
    var reader = ScanReader(at: 0)
    var time: Int64 = 0
    var ofUser = Int64.max
    var asksOthers = false
    let size = bytes.count
    while reader.at < size {
      let length = Int(truncatingIfNeeded: reader.varint(bytes))
      let end = reader.at + length
      let head = bytes[reader.at]
      reader.at += 1
      let name = Int(truncatingIfNeeded: reader.varint(bytes))
      time += reader.zigzag(bytes)
      // In the order of time, the first one is the earliest.
      if head & History.anonymousBit == 0, ofUser == .max { ofUser = time }
      let kind = head & ~History.anonymousBit
      if kind == History.RecordKind.event.rawValue {
        if others.asks(name, at: time) { asksOthers = true }
        if name < slotOfName.count, slotOfName[name] >= 0 {
          let slot = slots[Int(slotOfName[name])]
          if time >= slot.from {
            let before = found.count
            look(slot, time, &reader, bytes)
            if digest.marksEvents, found.count > before {
              digest.events.append(Int32(truncatingIfNeeded: before))
            }
          }
        }
      } else if kind == History.RecordKind.identify.rawValue {
        _ = reader.zigzag(bytes)
        traitCalls.append(TraitCall(time: time, payload: reader.at))
      }
      reader.at = end
    }
    return (ofUser, asksOthers)
  }

  /// Holds one event against the gates of its name.
  @inline(__always)
  mutating func look(
    _ slot: Slot, _ time: Int64, _ reader: inout ScanReader, _ bytes: Span<UInt8>
  ) {
    // Cells before this are an earlier event's.
    let payload = reader.at
    var isRead = slot.columns == 0
    var condition = -1
    var passes = true
    for number in slot.start..<slot.end {
      let gate = gates[number]
      if time < gate.from { continue }
      if !isRead {
        _ = reader.zigzag(bytes)
        readCells(slot.columns, &reader, bytes)
        isRead = true
      }
      if gate.condition != condition {
        condition = gate.condition
        passes = holds(condition, behind: payload, bytes)
      }
      if !passes { continue }
      let cell = gate.column < 0 ? -1 : cells[gate.column]
      found.append(
        Hit(
          time: time, cell: Int32(truncatingIfNeeded: cell < payload ? -1 : cell),
          stream: Int32(truncatingIfNeeded: gate.stream)))
      var place = places[gate.stream]
      if place.kept + place.coming == 0 { touched.append(gate.stream) }
      if time > gate.there { place.coming += 1 } else { place.kept += 1 }
      places[gate.stream] = place
    }
  }

  /// Finds the properties that are asked of events of a name.
  @inline(__always)
  mutating func readCells(
    _ columns: UInt64, _ reader: inout ScanReader, _ bytes: Span<UInt8>
  ) {
    guard reader.tag(bytes) == .object else { return }
    let end = Int(truncatingIfNeeded: reader.varint(bytes)) + reader.at
    var missing = columns
    while reader.at < end {
      let key = Int(truncatingIfNeeded: reader.varint(bytes))
      let column = key < columnOfKey.count ? Int(columnOfKey[key]) : -1
      if column >= 0 {
        cells[column] = reader.at
        if column < 63 { missing &= ~(1 << UInt64(column)) }
        if missing == 0 { return }
      }
      reader.skip(bytes)
    }
  }

  mutating func holds(_ index: Int, behind payload: Int, _ bytes: Span<UInt8>) -> Bool {
    if index < 0 { return true }
    switch eventNodes[index] {
    case .test(let column, let test):
      let cell = cells[column]
      return matcher.passes(test, cell < payload ? -1 : cell, bytes)
    case .and(let range):
      for child in range where !holds(eventChildren[child], behind: payload, bytes) { return false }
      return true
    case .or(let range):
      for child in range where holds(eventChildren[child], behind: payload, bytes) { return true }
      return false
    case .not(let inner): return !holds(inner, behind: payload, bytes)
    }
  }
}
