import Testing

@testable import Operations

struct MailboxTests {
  private struct Broken: Error {}

  @Test("what a sender throws comes out where the letters are read")
  func senderThrows() {
    let mailbox = Mailbox<Int>(senders: 2, capacity: 1)
    mailbox.start {
      guard mailbox.send(1) else { return }
      throw Broken()
    }
    var read = 0
    #expect(throws: Broken.self) { try mailbox.read { read += $0 } }
    #expect(read == 2)
  }

  @Test("senders end when the reader fails")
  func readerThrows() {
    let mailbox = Mailbox<Int>(senders: 2, capacity: 1)
    mailbox.start { while mailbox.send(1) {} }
    #expect(throws: Broken.self) { try mailbox.read { _ in throw Broken() } }
  }
}
