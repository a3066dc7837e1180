import PubSub
import Testing

@Suite("Channel names")
struct ChannelNameTests {
    @Test(
        "Accepted as they are",
        arguments: ["a", "public:customer:1:network_status", "with space", "näme", String(repeating: "x", count: 512)])
    func accepted(text: String) throws {
        let name = try ChannelName(text)
        #expect(name.utf8 == Array(text.utf8))
        #expect(name.description == text)
    }

    @Test(
        "Refused",
        arguments: ["", "a\rb", "a\nb", "a\u{0}b", "\r\n", String(repeating: "x", count: 513)])
    func refused(text: String) {
        #expect {
            try ChannelName(text)
        } throws: { error in
            (error as? BusError)?.code == .invalidChannelName
        }
    }

    @Test("Two spellings of one letter are two names")
    func comparesBytes() throws {
        #expect(try ChannelName("\u{E9}") != ChannelName("e\u{301}"))
    }
}
