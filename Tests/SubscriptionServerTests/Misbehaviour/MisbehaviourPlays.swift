import SubscriptionProtocols

/// The plays that one connection and the right answers suffice for.
enum MisbehaviourPlays {
    private static func query(_ id: String, _ text: String = "{ hello }") -> String { Wire.subscribe(id, text) }
    private static func complete(_ id: String) -> String { #"{"id":"\#(id)","type":"complete"}"# }
    private static func topic(_ id: String) -> String { Wire.subscribe(id, #"subscription { topic(name: "a") }"#) }
    private static func next(_ id: String) -> String {
        #"{"id":"\#(id)","type":"next","payload":{"data":{"hello":"world"}}}"#
    }
    private static let initialise = #"{"type":"connection_init"}"#
    private static let ack = #"{"type":"connection_ack"}"#
    private static let ping = #"{"type":"ping"}"#
    private static let pong = #"{"type":"pong"}"#
    private static let invalid = "close 4400 Invalid message received"
    private static let bad = #"{"message":"no source","locations":[{"line":1,"column":16}],"path":["throwsAtStart"]}"#
    private static let failing = "subscription { throwsAtStart }"
    private static let duplicate = "close 4409 Subscriber for 1 already exists"
    private static func deny(_ token: String) -> String {
        #"{"type":"connection_init","payload":{"token":"\#(token)"}}"#
    }

    static let all: [MisbehaviourTests.Play] =
        ids + envelopes + initialisation + format + frames + messages + misreadFrames

    static let ids: [MisbehaviourTests.Play] = [
        .init(.duplicateIDIgnored, [topic("1"), topic("1")], [duplicate], []),
        .init(.duplicateIDReplaces, [topic("1"), topic("1")], [duplicate], []),
        .init(.duplicateIDClosesWith4400, [topic("1"), topic("1")], [duplicate], [invalid]),
        .init(
            .idKeptAfterComplete, [query("1"), query("1")], [next("1"), complete("1"), next("1"), complete("1")],
            [next("1"), complete("1"), duplicate]),
        .init(
            .idKeptAfterError, [query("1", failing), query("1")],
            [#"{"id":"1","type":"error","payload":[\#(bad)]}"#, next("1"), complete("1")],
            [#"{"id":"1","type":"error","payload":[\#(bad)]}"#, duplicate]),
        .init(
            .idKeptAfterClientComplete, [topic("1"), complete("1"), query("1")], [next("1"), complete("1")],
            [duplicate]),
        .init(.idsTrimmed, [query(" 1")], [next(" 1"), complete(" 1")], [next("1"), complete("1")]),
        .init(
            .idsNormalised, [topic("\u{e9}"), topic("e\u{301}")], [], ["close 4409 Subscriber for é already exists"]),
        .init(
            .specialIDTaken, [query("toString")], [next("toString"), complete("toString")],
            ["close 4409 Subscriber for toString already exists"]),
        .init(
            .longDuplicateIDHangs,
            [topic(String(repeating: "x", count: 95)), topic(String(repeating: "x", count: 95)), ping],
            ["close 4409 Subscriber for \(String(repeating: "x", count: 95)) already exis"], []),
        .init(.numericIDAccepted, [#"{"id":1,"type":"complete"}"#], [invalid], []),
        .init(.idNotEscaped, [query("\"")], [next("\\\""), complete("\\\"")], [next("\""), complete("\"")]),
        .init(.operationsKeyedBySocket, [topic("1"), query("2")], [next("2"), complete("2")], [duplicate]),
    ]

    static let envelopes: [MisbehaviourTests.Play] = [
        .init(.completeTwice, [query("1")], [next("1"), complete("1")], [next("1"), complete("1"), complete("1")]),
        .init(
            .completeAfterError, [query("1", failing)], [#"{"id":"1","type":"error","payload":[\#(bad)]}"#],
            [#"{"id":"1","type":"error","payload":[\#(bad)]}"#, complete("1")]),
        .init(.noCompleteAfterQuery, [query("1")], [next("1"), complete("1")], [next("1")]),
        .init(
            .errorPayloadObject, [query("1", failing)], [#"{"id":"1","type":"error","payload":[\#(bad)]}"#],
            [#"{"id":"1","type":"error","payload":\#(bad)}"#]),
        .init(
            .errorPayloadWrapped, [query("1", failing)], [#"{"id":"1","type":"error","payload":[\#(bad)]}"#],
            [#"{"id":"1","type":"error","payload":{"errors":[\#(bad)]}}"#]),
        .init(
            .requestErrorClosesSocket, [query("1", failing)], [#"{"id":"1","type":"error","payload":[\#(bad)]}"#],
            ["close 4500 Internal server error"]),
        .init(
            .emptyErrorsArray, [query("1")], [next("1"), complete("1")],
            [#"{"id":"1","type":"next","payload":{"data":{"hello":"world"},"errors":[]}}"#, complete("1")]),
        .init(
            .resultInsideComplete, [query("1")], [next("1"), complete("1")],
            [#"{"id":"1","type":"complete","payload":{"data":{"hello":"world"}}}"#]),
        .init(
            .queryCompleteCloses, [query("1"), complete("1")], [next("1"), complete("1")],
            [next("1"), complete("1"), "close 4500 Internal server error"]),
        .init(.clientCompleteEchoed, [topic("1"), complete("1")], [], [complete("1")]),
        .init(.clientCompleteIgnored, [topic("1"), complete("1"), topic("1")], [], [duplicate]),
        .init(.completeBeforeClose, [topic("1"), "HI"], [invalid], [complete("1"), invalid]),
    ]

    static let initialisation: [MisbehaviourTests.Play] = [
        .init(.ackTwice, [initialise], [ack], [ack, ack], isReady: false),
        .init(.ackPayloadNull, [initialise], [ack], [#"{"type":"connection_ack","payload":null}"#], isReady: false),
        .init(.noAckWithoutPayload, [initialise], [ack], [], isReady: false),
        .init(.secondInitIgnored, [initialise], ["close 4429 Too many initialisation requests"], []),
        .init(
            .operationsBeforeInit, [query("1")], ["close 4401 Unauthorized"], [next("1"), complete("1")],
            isReady: false),
        .init(
            .refusalAsConnectionError, [deny("deny")], ["close 4403 Forbidden"],
            [#"{"type":"connection_error","payload":{"message":"Forbidden"}}"#, "close 4403 Forbidden"], isReady: false),
        .init(.refusalClosesWith1000, [deny("deny")], ["close 4403 Forbidden"], ["close 1000 "], isReady: false),
        .init(
            .everyCloseIs4400, [initialise], ["close 4429 Too many initialisation requests"],
            ["close 4400 Too many initialisation requests"]),
        .init(
            .reasonsMisspelt, [initialise], ["close 4429 Too many initialisation requests"],
            ["close 4429 too many initialization requests"]),
    ]

    static let format: [MisbehaviourTests.Play] = [
        .init(.unknownTypeIgnored, [#"{"type":"nope"}"#, ping], [invalid], [pong]),
        .init(.invalidJSONIgnored, ["HI", ping], [invalid], [pong]),
        .init(.batchAccepted, ["[\(ping),\(ping)]"], [invalid], [pong, pong]),
        .init(.pongPayloadNull, [ping], [pong], [#"{"type":"pong","payload":null}"#]),
        .init(.noPongBeforeInit, [ping], [pong], [], isReady: false),
        .init(.pingCloses, [ping], [pong], [invalid]),
        .init(.framesAfterClose, ["HI"], [invalid], [invalid, pong]),
    ]

    static let frames: [MisbehaviourTests.Play] = [
        .init(.binaryIgnored, frames: [ClientFrame(2, [1]), ClientFrame(text: ping)], [invalid], [pong]),
        .init(
            .unmaskedAccepted, frames: [ClientFrame(text: ping).with { $0.mask = nil }],
            ["close 1002 Frames of clients must be masked", "end"], [pong]),
        .init(
            .reservedBitsAccepted, frames: [ClientFrame(text: ping).with { $0.reserved = 4 }],
            ["close 1002 Reserved bits must be zero", "end"], [pong]),
        .init(
            .invalidUTF8Accepted,
            frames: [ClientFrame(1, Array(#"{"type":"ping","x":""#.utf8) + [0xFF] + Array("\"}".utf8))],
            ["close 1007 Text is not UTF-8", "end"], [pong]),
        .init(.pingPayloadDropped, frames: [ClientFrame(9, [1])], ["a [1]"], ["a []"]),
        .init(.closeNotEchoed, frames: [ClientFrame(close: 1000)], ["close 1000 ", "end"], ["end"]),
        .init(.tcpKeptAfterClose, frames: [ClientFrame(close: 1000)], ["close 1000 ", "end"], ["close 1000 "]),
    ]
}
