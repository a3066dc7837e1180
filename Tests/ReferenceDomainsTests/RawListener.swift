import GraphQLCore
import PubSub

/// Listens on the bus itself and reads JSON.
struct RawListener {
    private let messages: AsyncStream<[UInt8]>
    private let subscription: BusSubscription

    init(_ channel: String, on bus: any MessageBus) async throws {
        let (messages, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        self.messages = messages
        self.subscription = try await bus.subscribe(to: ChannelName(channel)) { event in
            if case .message(let bytes) = event { continuation.yield(bytes) }
        }
    }

    func next() async -> JSONValue {
        for await message in self.messages {
            return (try? JSONReader.read(message)) ?? .null
        }
        return .null
    }
}
