import Definitions
import Models
import SQLite
import Values

extension Project {
  /// Reads a folder, and has SQLite check the models.
  static func read(folder: String, environment: [String: String]) -> Project {
    var project = Project.load(folder: folder, environment: environment)
    guard !project.models.isEmpty else { return project }
    do {
      // The views are the same in every store, and an empty one makes nobody wait.
      let connection = try Connection(path: ":memory:", mode: .create)
      for script in Store.migration.scripts { try connection.execute(script) }
      project.add(project.modelMistakes(connection))
    } catch {
      project.add([
        Diagnostic(.badSQL, "the models cannot be checked: \(error)", path: folder)
      ])
    }
    return project
  }

  /// What is wrong with the SELECTs of the models.
  private func modelMistakes(_ connection: Connection) -> [Diagnostic] {
    var mistakes: [Diagnostic] = []
    let columns = models.map { model -> [String]? in
      if let shadowed = model.shadowedView {
        mistakes.append(shadowed)
        return nil
      }
      do throws(ModelFailure) {
        return try ModelQuery(model).columns(connection)
      } catch {
        mistakes.append(model.diagnostic(error.mistake))
        return nil
      }
    }
    return mistakes + modelMistakes(columns: columns)
  }
}

extension ModelFailure {
  /// What a check says of it.
  fileprivate var mistake: ModelMistake {
    if case .mistake(let mistake) = self { return mistake }
    return .refused(message: words, offset: nil)
  }

  /// The failure for people. No value of a row is in it.
  var words: String {
    switch self {
    case .mistake(.function(let name)): "it may not use '\(name)'"
    case .mistake(.table(let name)): "it may not read '\(name)'"
    case .mistake(.clock): "it asks the clock; ':now' is the run's instant"
    case .mistake(.refused(let message, _)): message
    case .mistake: "it is no SELECT that can be run; see 'rollcall check'"
    case .overdue(let limit):
      "it took longer than \(limit.short); 'time_limit:' in its file allows more"
    case .failed(let message): "SQLite stopped it: \(message)"
    case .tooMany(let count): "it gives more than \(count) rows"
    }
  }
}
