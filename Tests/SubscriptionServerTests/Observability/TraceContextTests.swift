import GraphQLCore
import NIOCore
import Testing

@testable import SubscriptionServer

@Suite struct TraceContextTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let span = "00f067aa0ba902b7"

    @Test(arguments: [("00", "01", true), ("00", "00", false), ("01", "03", true)])
    func valid(version: String, flags: String, isSampled: Bool) throws {
        let context = try #require(TraceContext("\(version)-\(Self.trace)-\(Self.span)-\(flags)"))
        #expect(context.traceID == Self.trace && context.parentID == Self.span && context.isSampled == isSampled)
    }

    @Test(arguments: [
        "", "00", "00-\(trace)-\(span)", "00-\(trace)-\(span)-1", "00-\(trace)-\(span)-01-more",
        "ff-\(trace)-\(span)-01",
        "00-\(trace.uppercased())-\(span)-01", "00-00000000000000000000000000000000-\(span)-01",
        "00-\(trace)-0000000000000000-01", "00_\(trace)-\(span)-01", "0g-\(trace)-\(span)-01",
        "01-\(trace)-\(span)-01x",
        "00-\(trace)-\(span)-01 ", "00-\(trace)-\(span)-0\u{e9}",
    ])
    func invalid(text: String) {
        #expect(TraceContext(text) == nil)
    }

    @Test func versionsToComeMayHaveMore() {
        #expect(TraceContext("cc-\(Self.trace)-\(Self.span)-01-what-the-future-brings") != nil)
    }

    @Test(
        "Goes on as it came; of a later version what this one knows",
        arguments: [
            ("00-\(trace)-\(span)-01", "01", "00"), ("00-\(trace)-\(span)-00", "00", "00"),
            ("00-\(trace)-\(span)-03", "03", "00"), ("00-\(trace)-\(span)-ff", "ff", "00"),
            ("cc-\(trace)-\(span)-03-more", "01", "cc"), ("01-\(trace)-\(span)-02", "00", "01"),
        ])
    func goesOn(text: String, flags: String, version: String) throws {
        let context = try #require(TraceContext(text))
        #expect(context.text == "00-\(Self.trace)-\(Self.span)-\(flags)")
        #expect((context.text == text) == (version == "00"))
        #expect(TraceContext(context.text) == context)
    }

    @Test func whereItIsTakenFrom() {
        let text = "00-\(Self.trace)-\(Self.span)-01"
        let field = HandshakeFacts.Field(name: "traceparent", value: text)
        #expect(TraceContext(HandshakeFacts(target: "/", fields: [field]))?.traceID == Self.trace)
        #expect(TraceContext(HandshakeFacts(target: "/", fields: [field, field])) == nil)
        #expect(TraceContext(["traceparent": .string(text)])?.parentID == Self.span)
        #expect(TraceContext(["traceparent": 1]) == nil)
    }
}

@Suite struct HistogramTests {
    @Test func bucketsIncludeTheirBoundsAndThoseBelow() {
        let histogram = Histogram()
        histogram.observe(.microseconds(500), count: 2)
        histogram.observe(.microseconds(501), count: 1)
        histogram.observe(.seconds(10), count: 3)
        histogram.observe(.nanoseconds(-5), count: 1)
        histogram.observe(.seconds(1), count: 0)
        #expect(histogram.cumulative.first == 3)
        #expect(histogram.cumulative[1] == 4)
        #expect(histogram.cumulative.suffix(2) == [4, 7])
        var text = PrometheusText()
        text.add("x_seconds", "Help.", histogram)
        let lines = text.text.split(separator: "\n")
        #expect(lines[1] == "# TYPE graphql_realtime_x_seconds histogram")
        #expect(lines[2] == #"graphql_realtime_x_seconds_bucket{le="0.000500"} 3"#)
        #expect(
            lines.suffix(3) == [
                #"graphql_realtime_x_seconds_bucket{le="+Inf"} 7"#, "graphql_realtime_x_seconds_sum 30.001501",
                "graphql_realtime_x_seconds_count 7",
            ])
    }
}
