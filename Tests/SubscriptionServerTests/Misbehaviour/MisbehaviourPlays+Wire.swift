import SubscriptionProtocols

// What goes wrong with single messages and frames.
extension MisbehaviourPlays {
    private static let initialise = #"{"type":"connection_init"}"#
    private static let ack = #"{"type":"connection_ack"}"#
    private static let ping = #"{"type":"ping"}"#
    private static let pong = #"{"type":"pong"}"#
    private static let invalid = "close 4400 Invalid message received"
    private static let query = Wire.subscribe("1", "{ hello }")
    private static let next = #"{"id":"1","type":"next","payload":{"data":{"hello":"world"}}}"#
    private static let complete = #"{"id":"1","type":"complete"}"#

    static let messages: [MisbehaviourTests.Play] = [
        .init(.trailingTextIgnored, [ping + "x"], [invalid], [pong]),
        .init(.messageTypeFoundInText, [#"{"type" : "ping"}"#], [pong], [invalid]),
        .init(.typeCaseIgnored, [#"{"type":" PING"}"#], [invalid], [pong]),
        .init(.typesOfLegacyAccepted, [#"{"id":"1","type":"stop"}"#, ping], [invalid], [pong]),
        .init(.serverTypesIgnored, [ack, ping], [invalid], [pong]),
        .init(.missingTypeIgnored, ["{}", ping], [invalid], [pong]),
        .init(
            .missingIDInvented, [#"{"type":"subscribe","payload":{"query":"{ hello }"}}"#], [invalid],
            [next, complete]),
        .init(.completeIDUnchecked, [#"{"type":"complete"}"#, ping], [invalid], [pong]),
        .init(
            .subscribePayloadUnchecked, [#"{"id":"1","type":"subscribe"}"#], [invalid],
            [#"{"id":"1","type":"error","payload":[{"message":"The payload has a wrong shape."}]}"#]),
        .init(
            .initPayloadRefused, [#"{"type":"connection_init","payload":{"a":1}}"#], [ack], [invalid], isReady: false),
        .init(.pingPayloadUnchecked, [#"{"type":"ping","payload":1}"#], [invalid], [pong]),
        .init(.duplicateMembersMute, [#"{"type":"ping","type":"ping"}"#, ping], [pong, pong], [pong]),
        .init(.pongCloses, [pong], [], [invalid]),
        .init(.pongExtraMembers, [ping], [pong], [#"{"type":"pong","id":"1"}"#]),
        .init(.ackExtraMembers, [initialise], [ack], [#"{"type":"connection_ack","id":"1"}"#], isReady: false),
        .init(.unknownCompleteCloses, [complete, ping], [pong], [invalid]),
        .init(.singleResultsClose, [query], [next, complete], [invalid]),
        .init(.completeBeforeResult, [query], [next, complete], [complete, next]),
        .init(
            .numericIDsAsNumbers, [query], [next, complete],
            [#"{"id":1,"type":"next","payload":{"data":{"hello":"world"}}}"#, #"{"id":1,"type":"complete"}"#]),
        .init(
            .extraEntries, [query], [next, complete],
            [
                #"{"id":"1","type":"next","payload":{"data":{"hello":"world"},"server":"reference-server"}}"#,
                complete,
            ]),
    ]

    static let misreadFrames: [MisbehaviourTests.Play] = [
        .init(
            .reservedOpcodesIgnored, frames: [ClientFrame(3), ClientFrame(text: ping)],
            ["close 1002 Reserved opcode", "end"], [pong]),
        .init(.emptyTextIgnored, frames: [ClientFrame(1), ClientFrame(text: ping)], [invalid], [pong]),
        .init(.controlPongCloses, frames: [ClientFrame(10)], [], ["close 1002 Unexpected pong", "end"]),
        .init(
            .controlFragmentsAccepted, frames: [ClientFrame(9, [1]).with { $0.isFinal = false }],
            ["close 1002 Control frames must not be fragmented", "end"], ["a [1]"]),
        .init(
            .closePayloadUnchecked, frames: [ClientFrame(8, [3])],
            ["close 1002 A close payload has two bytes or more", "end"], ["close 1000 ", "end"]),
        .init(
            .privateCloseCodeRefused, frames: [ClientFrame(close: 4999)], ["close 4999 ", "end"],
            ["close 1002 A status that must not be sent", "end"]),
        .init(
            .fragmentsAsMessages,
            frames: [
                ClientFrame(text: "{").with { $0.isFinal = false }, ClientFrame(0, Array(#""type":"ping"}"#.utf8)),
            ], [pong], [invalid]),
    ]
}
