import CHiredis
import PubSub

/// A command as it goes over the wire.
struct RESPCommand: Sendable {
    /// The encoded command: an array of bulk strings.
    let encoded: [UInt8]
    /// What its answer on a link of a cluster is told apart by; nil where the order of the answers is enough.
    private(set) var subject: ShardSubject?

    /// Encodes the arguments, which may hold any bytes, with the writer of hiredis.
    init(_ arguments: [[UInt8]]) {
        var text: UnsafeMutablePointer<CChar>?
        var lengths = arguments.map(\.count)
        let all = arguments.flatMap { $0 }
        let length = all.withUnsafeBytes { bytes in
            // An empty array has no address; any other will do for arguments without bytes.
            var start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            var pointers: [UnsafePointer<CChar>?] = []
            for argument in arguments {
                pointers.append(start)
                start = start?.advanced(by: argument.count)
            }
            return Int(redisFormatCommandArgv(&text, Int32(arguments.count), &pointers, &lengths))
        }
        defer { redisFreeCommand(text) }
        self.encoded = text.map { Array(UnsafeRawBufferPointer(start: $0, count: max(0, length))) } ?? []
    }

    init(_ arguments: String...) {
        self.init(arguments.map { Array($0.utf8) })
    }

    static let ping = RESPCommand("PING")

    static func publish(_ message: [UInt8], to channel: ChannelName) -> RESPCommand {
        RESPCommand([Array("PUBLISH".utf8), channel.utf8, message])
    }

    static func subscribe(to channel: ChannelName, isSharded: Bool = false) -> RESPCommand {
        var command = RESPCommand([Array((isSharded ? "SSUBSCRIBE" : "SUBSCRIBE").utf8), channel.utf8])
        if isSharded { command.subject = .subscribing(channel.utf8) }
        return command
    }

    static func unsubscribe(from channel: ChannelName, isSharded: Bool = false) -> RESPCommand {
        var command = RESPCommand([Array((isSharded ? "SUNSUBSCRIBE" : "UNSUBSCRIBE").utf8), channel.utf8])
        if isSharded { command.subject = .unsubscribing(channel.utf8) }
        return command
    }
}
