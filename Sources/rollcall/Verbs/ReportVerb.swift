import Operations
import Values

extension Verb {
  static let report = Verb(
    "report", "one page to look at: sizes over time, who leaves next, overlap, deliveries",
    flags: [Flag("-o", "FILE", "the HTML file that is written (report.html)")]
  ) { call in
    let showsValues = call.arguments.has("--show-values")
    let file = ReportFile(path: call.arguments["-o"] ?? "report.html")
    // With --json the document is the result; a page only where one is asked for.
    let writesPage = !call.isJSON || call.arguments.has("-o")
    if writesPage { try file.refuseAnothers() }
    let overview = try call.session.report()
    if writesPage {
      try file.write(ReportPage(overview: overview, showsValues: showsValues).html)
    }
    if call.isJSON {
      call.output.document(ReportDocument(overview: overview, showsValues: showsValues).members)
    } else {
      call.output.line(
        "\(file.path): \(counted(overview.audiences.count, "audience")) and "
          + "\(counted(overview.traits.count, "trait")) at \(overview.at)")
    }
    return .done
  }
}
