import Operations
import Values

extension Verb {
  static let rebuild = Verb(
    "rebuild", "packs the histories anew out of the events; 'verify' says when that is needed"
  ) { call in
    let events = try call.session.rebuild()
    if call.isJSON {
      call.output.document([.init("events", .init(count: events))])
    } else {
      call.output.line("packed \(counted(events, "event"))")
    }
    return .done
  }
}
