import Foundation

let words = CommandLine.arguments.dropFirst()

/// The binary that was built beside this one.
func binaryBeside() -> String {
  let here = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
  return here.deletingLastPathComponent().appendingPathComponent("rollcall").path
}

do {
  switch words.first {
  case "run":
    let options = try Options(words.dropFirst())
    try Benchmark(options, program: options.binary ?? binaryBeside()).run()
  case "generate":
    let options = try Options(words.dropFirst())
    try FileManager.default.createDirectory(
      atPath: options.work, withIntermediateDirectories: true)
    try Dataset(population: options.population, folder: options.work).generate()
  case "bandwidth":
    print(Machine.bandwidth(threads: ProcessInfo.processInfo.activeProcessorCount))
  case "cases":
    for each in Case.all { print(each.name) }
  default:
    print(Options.help)
    exit(words.isEmpty || words.first == "--help" ? 0 : 2)
  }
} catch let error as OptionError {
  FileHandle.standardError.write(Data("error: \(error)\n\(Options.help)\n".utf8))
  exit(2)
} catch {
  FileHandle.standardError.write(Data("error: \(error)\n".utf8))
  exit(1)
}
