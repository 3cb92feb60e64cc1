import Testing

/// The samples of developers.heap.io, "Add User Properties" and "Bulk Add User Properties". Stored
/// copies of the pages hide the addresses; those here are made up.
@Suite struct PublishedSamplesTests {
  @Test("the single sample is accepted and stored")
  func single() throws {
    let heap = try Rehearsal()
    let reply = try heap.add(
      """
      {
        "app_id": "11",
        "identity": "bob@example.com",
        "properties": {
          "age": "25",
          "language": "English",
          "profession": "Scientist",
          "email": "bob2@example2.com"
        }
      }
      """)
    #expect(reply.status == 200)
    #expect(reply.fields["content-type"] == "application/json")
    #expect(reply.body == "{}")
    #expect(
      heap.properties("bob@example.com")
        == #"{"age":"25","email":"bob2@example2.com","language":"English","profession":"Scientist"}"#
    )
  }

  @Test("the bulk sample is accepted and stored")
  func bulk() throws {
    let heap = try Rehearsal()
    let reply = try heap.add(
      """
      {
        "app_id": "12345",
        "users":[{
          "identity": "alice@example.com",
          "properties": {
            "Role": "Admin",
            "Vertical": "Ecommerce",
            "email": "alice@example.com"
            }
        },
         {"identity": "bob@example.com",
          "properties": {
            "Role": "User",
            "Vertical": "Saas",
            "email": "bob@example.com"
            }
        }]
        }
      """)
    #expect(reply.status == 200)
    #expect(reply.body == "{}")
    #expect(
      heap.properties("alice@example.com", app: "12345")
        == #"{"Role":"Admin","Vertical":"Ecommerce","email":"alice@example.com"}"#)
    #expect(
      heap.properties("bob@example.com", app: "12345")
        == #"{"Role":"User","Vertical":"Saas","email":"bob@example.com"}"#)
  }

  @Test("a port of Segment's classic mapper, which sends id, is refused")
  func classicMapper() throws {
    let heap = try Rehearsal()
    let body = Rehearsal.user("\"ann\"", #"{"id":"ann","_email":"ann@example.com"}"#)
    #expect(try heap.ruleBroken(body) == "key_forbidden")
  }
}
