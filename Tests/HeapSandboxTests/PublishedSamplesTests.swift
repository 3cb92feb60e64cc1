import Testing

/// The samples of developers.heap.io: "Track", "Bulk Track", "Add User Properties", "Bulk Add User
/// Properties" and "Bulk Add Account Properties". Stored copies of the pages hide the addresses; those
/// here are made up.
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

  @Test("the sample of an event is accepted, and its array stored as one string")
  func track() throws {
    let heap = try Rehearsal()
    let reply = try heap.post(
      Rehearsal.track,
      """
      {
        "app_id": "11",
        "identity": "alice@example.com",
        "event": "Send Transactional Email",
        "timestamp": "2017-03-10T22:21:56+00:00",
        "properties": {
          "subject": "Welcome to My App!",
          "variation": "A",
          "flavors": ["vanilla", "chocolate", "strawberry"]
        }
      }
      """)
    #expect(reply.status == 200)
    #expect(reply.fields["content-type"] == "application/json")
    #expect(reply.body == "{}")
    #expect(
      try heap.page("events?app=11").json == #"{"keyless-1":{"event":"Send Transactional Email","#
        + #""identity":"alice@example.com","properties":{"#
        + #""flavors":"vanilla||chocolate||strawberry","subject":"Welcome to My App!","#
        + #""variation":"A"},"timestamp":"2017-03-10T22:21:56.000Z"}}"#)
    #expect(heap.count("arrays_joined", app: "11") == 1)
  }

  @Test("the sample of a list of events is accepted and stored")
  func bulkTrack() throws {
    let heap = try Rehearsal()
    let reply = try heap.post(
      Rehearsal.track,
      """
      {
        "app_id": "12343283",
        "events": [{
          "identity": "alice@example.com",
          "timestamp": "2016-05-10T22:21:56+00:00",
          "event": "Phone Call",
          "properties": {
            "Sales Rep": "Joe Smith",
            "Duration" : "15 minutes",
            "Purpose" : "Discovery Call"
          }
        },
        {
          "identity": "bob@example.com",
          "timestamp": "2016-05-10T22:23:56+00:00",
          "event": "Phone Call",
          "properties": {
            "Sales Rep": "Susie Smith",
            "Duration" : "30 minutes",
            "Purpose" : "Discovery Call"
          }
        }]
        }
      """)
    #expect(reply.status == 200)
    #expect(reply.body == "{}")
    #expect(heap.count("created_events", app: "12343283") == 2)
    #expect(heap.count("created_users", app: "12343283") == 2)
  }

  @Test("the sample of a list of accounts is accepted and answered in plain text")
  func bulkAccounts() throws {
    let heap = try Rehearsal()
    let reply = try heap.post(
      Rehearsal.accounts,
      """
      {
      "app_id": "123456789",
      "accounts": [{
      "account_id": "Fake Account",
      "properties": {
      "is_in_good_standing": "true",
      "revenue_potential": "123456",
      "account_hq": "United Kingdom",
      "subscription": "Monthly"
      }
      }, {
      "account_id": "Other Account",
      "properties": {
      "is_in_good_standing": "false",
      "will_churn": "true",
      "account_hq": "Germany",
      "subscription": "Yearly"
      }
      }]
      }
      """)
    #expect(reply.status == 200)
    #expect(reply.fields["content-type"] == "text/plain")
    #expect(reply.body == "OK")
    #expect(
      try heap.page("accounts?app=123456789&account_id=Other%20Account").json
        == #"{"properties":{"account_hq":"Germany","is_in_good_standing":"false","#
        + #""subscription":"Yearly","will_churn":"true"}}"#)
  }

  @Test("a port of Segment's classic mapper, which sends id, is refused")
  func classicMapper() throws {
    let heap = try Rehearsal()
    let body = Rehearsal.user("\"ann\"", #"{"id":"ann","_email":"ann@example.com"}"#)
    #expect(try heap.ruleBroken(body) == "key_forbidden")
  }
}
