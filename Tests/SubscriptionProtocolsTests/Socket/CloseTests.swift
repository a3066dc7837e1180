import Testing

@testable import SubscriptionProtocols

@Suite struct CloseTests {
    @Test(arguments: [0, 122, 123])
    func keepsAReasonThatFits(length: Int) {
        let text = String(repeating: "x", count: length)
        #expect(CloseReason(text).text == text)
    }

    /// A text of 124 bytes or more, and how many bytes of it are left: never a part of a character.
    @Test(arguments: [
        (String(repeating: "x", count: 124), 123),
        (String(repeating: "x", count: 100_000), 123),
        (String(repeating: "é", count: 62), 122),
        (String(repeating: "€", count: 42), 123),
        (String(repeating: "😀", count: 60), 120),
        ("x" + String(repeating: "😀", count: 31), 121),
        // One grapheme cluster that is longer than the limit.
        ("a" + String(repeating: "\u{301}", count: 200), 123),
    ])
    func cutsBetweenCharacters(text: String, length: Int) {
        let reason = CloseReason(text)
        #expect(reason.text.utf8.count == length)
        #expect(Array(text.utf8).starts(with: Array(reason.text.utf8)))
        #expect(String(validating: reason.text.utf8, as: UTF8.self) != nil)
    }

    @Test(arguments: CloseCode.allCases)
    func ownCodesAreLegal(code: CloseCode) {
        #expect(CloseCode.isAllowedOnTheWire(code.rawValue))
    }

    @Test(
        arguments: [
            0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535,
        ] as [UInt16])
    func illegalCodes(status: UInt16) {
        #expect(!CloseCode.isAllowedOnTheWire(status))
    }

    @Test(
        arguments: [
            1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
        ] as [UInt16])
    func legalCodes(status: UInt16) {
        #expect(CloseCode.isAllowedOnTheWire(status))
    }

    @Test(
        arguments: [
            (Close.invalidMessage, 4400, "Invalid message received"),
            (.unauthorized, 4401, "Unauthorized"),
            (.forbidden, 4403, "Forbidden"),
            (.subprotocolNotAcceptable, 4406, "Subprotocol not acceptable"),
            (.initialisationTimeout, 4408, "Connection initialisation timeout"),
            (.tooManyInitialisations, 4429, "Too many initialisation requests"),
            (.internalError, 4500, "Internal server error"),
            (.goingAway, 1001, "Going away"),
        ] as [(Close, UInt16, String)])
    func namesOfTheDialect(close: Close, code: UInt16, reason: String) {
        #expect(close.code.rawValue == code)
        #expect(close.reason.text == reason)
    }

    @Test func duplicateIDsAreNamed() throws {
        let short = Close.subscriberExists(try #require(OperationID("a\"b")))
        #expect(short == Close(.subscriberExists, "Subscriber for a\"b already exists"))
        let long = Close.subscriberExists(try #require(OperationID(String(repeating: "😀", count: 60))))
        #expect(long.code == .subscriberExists)
        #expect(long.reason.text.utf8.count == 123)
    }
}
