import GraphQLCore
import TestSupport
import Testing

/// Documents that are made to be expensive must be answered, or refused, at once.
@Suite(.serialized) struct HostileDocumentTests {
    /// On an idle machine no document takes 100 ms, which `make bench` shows; this leaves room for a busy one.
    /// Unoptimised code is some thirty times slower; the bound then only catches what grows faster than the document.
    private static var bound: Duration {
        #if DEBUG
            .seconds(20)
        #else
            .milliseconds(250)
        #endif
    }

    @Test(arguments: HostileDocument.all)
    func isAnsweredAtOnce(_ hostile: HostileDocument) throws {
        let schema = try Schema(sdl: HostileDocument.schema)
        var count = 0
        let time = ContinuousClock().measure {
            guard let document = try? Parser.parseDocument(hostile.text) else { return }
            count = validate(document, schema: schema).count
        }
        #expect(time < Self.bound)
        #expect(count <= 101)
    }
}
