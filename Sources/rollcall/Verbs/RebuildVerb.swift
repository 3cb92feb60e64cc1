import Operations
import Values

extension Verb {
  static let rebuild = Verb(
    "rebuild", "makes anew what is derived from the events; 'verify' says when that is needed"
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
