import Foundation
import GraphQLCore
import Testing

@testable import ReferenceDomains

@Suite("Values in messages")
struct PayloadValuesTests {
    @Test(
        "Times are the same instant in UTC",
        arguments: [
            ("2025-10-16T09:30:00Z", "2025-10-16T09:30:00Z"),
            ("2025-10-16T09:30:00.125+02:00", "2025-10-16T07:30:00.125Z"),
            ("2025-12-31T23:30:00-01:30", "2026-01-01T01:00:00Z"),
            ("2024-02-29 12:00:00", "2024-02-29T12:00:00Z"),
            ("1969-12-31T23:00:00-00:30", "1969-12-31T23:30:00Z"),
        ])
    func times(text: String, utc: String) {
        #expect(Timestamp.inUTC(text) == utc)
    }

    @Test("What is no time stays out", arguments: ["yesterday", "2025-02-29T00:00:00Z", "", "2025-10-16"])
    func noTimes(text: String) {
        #expect(Timestamp.inUTC(text) == nil)
    }

    @Test("Dates, decimal numbers and UUIDs are strings")
    func swiftValues() throws {
        #expect(JSONValue.time(Date(timeIntervalSince1970: 1_760_607_000.125)) == "2025-10-16T09:30:00.125Z")
        #expect(JSONValue.time(Date(timeIntervalSince1970: -0.5)) == "1969-12-31T23:59:59.500Z")
        #expect(JSONValue.decimal(try #require(Decimal(string: "49.90"))) == "49.9")
        #expect(JSONValue.decimal(.nan) == .null)
        let id = try #require(UUID(uuidString: "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6"))
        #expect(JSONValue.uuid(id) == "f81d4fae-7dec-11d0-a765-00a0c91e6bf6")
    }

    @Test("The fields of every payload are those of its type in the schema")
    func shapesFitSchema() throws {
        let domains = try DomainHarness()
        let pairs =
            CustomerEvent.all.map { ($0.type, $0.shape) } + [
                ("CustomerTicketUpdateData", CustomerEvent.ticketData), ("CustomerNoteData", CustomerEvent.noteData),
                ("Service", Service.shape), ("ServiceRequest", ServiceRequest.shape),
                ("ServiceStatusChange", ServiceStatusChange.shape), ("SupportTicket", SupportTicket.shape),
                ("SupportTicketPerson", SupportTicket.person), ("SupportTicketComment", SupportTicket.comment),
                ("SupportTicketAttachment", SupportTicket.attachment),
                ("SupportTicketRelation", SupportTicket.relation),
                ("SupportTicketChange", SupportTicketEvent.change), ("Document", Document.shape),
                ("QueryProgress", Retrieval.progress), ("ChatMessage", Chat.shape),
            ]
        for (name, shape) in pairs {
            guard case .object(let type) = domains.engine.schema.type(named: name) else {
                Issue.record("there is no object type \(name)")
                continue
            }
            #expect(shape.fields.map(\.name) == type.fieldSet.map(\.name), "\(name)")
            for field in shape.fields {
                let isTime = type.field(field.name)?.type.namedType.name == "DateTime"
                if case .time = field.kind {
                    #expect(isTime, "\(name).\(field.name)")
                } else {
                    #expect(!isTime, "\(name).\(field.name)")
                }
            }
        }
    }
}
