import Foundation
import Testing

@testable import EventStore

/// Two threads pass elements on, and neither waits for one that has ended.
@Suite struct HandoverTests {
  private struct Broken: Error {}

  @Test func everythingComesInItsOrder() throws {
    let handover = Handover([0, 0])
    let worker = Worker {
      for number in 1...1000 {
        guard handover.empty() != nil else { return }
        handover.put(number)
      }
      handover.end()
    }
    var found: [Int] = []
    while let number = handover.next() {
      found.append(number)
      handover.giveBack(number)
    }
    try worker.finish()
    #expect(found == Array(1...1000))
  }

  @Test func anErrorOfTheFillingSideComesOut() {
    let handover = Handover([0])
    let worker = Worker {
      defer { handover.end() }
      guard handover.empty() != nil else { return }
      handover.put(7)
      throw Broken()
    }
    #expect(handover.next() == 7)
    #expect(handover.next() == nil)
    #expect(throws: Broken.self) { try worker.finish() }
  }

  @Test func whoFillsIsToldThatNoMoreIsWanted() throws {
    let handover = Handover([0])
    let worker = Worker {
      defer { handover.end() }
      while handover.empty() != nil { handover.put(1) }
    }
    #expect(handover.next() == 1)
    handover.close()
    try worker.finish()
  }
}
