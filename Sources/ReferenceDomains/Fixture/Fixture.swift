package import GraphQLCore
package import PubSub
import Synchronization

/// Operations with known behaviour, for those who test the server from outside. Served in test mode only.
///
/// One value serves a process: the counter and the count of live streams are its own. None of its streams but those of
/// topics cost anything while they are silent. Only a topic is shared between its subscribers, as in earnest; of the
/// others `active` counts exactly one for each subscription.
package struct Fixture: Sendable {
    private final class Counter: Sendable {
        let value = Atomic(0)
    }

    /// The streams that `active` counts.
    package let live = LiveStreams()
    private let counter = Counter()
    private let bus: any MessageBus
    private let channels: ChannelNames
    private let timers: any Timers

    /// - Parameters:
    ///   - bus: Carries the topics.
    ///   - timers: For `slow`, `count` and `slowStart`.
    package init(bus: any MessageBus, channels: ChannelNames, timers: any Timers = DispatchTimers()) {
        self.bus = bus
        self.channels = channels
        self.timers = timers
    }

    /// The resolvers of all fields of the fixture.
    package var resolvers: Resolvers {
        var resolvers = Resolvers()
        self.addQueries(to: &resolvers)
        self.addMutations(to: &resolvers)
        self.addFiniteSubscriptions(to: &resolvers)
        self.addFailingSubscriptions(to: &resolvers)
        self.addOpenSubscriptions(to: &resolvers)
        return resolvers
    }

    private func addQueries(to resolvers: inout Resolvers) {
        resolvers.field("Query", "hello") { _ in "world" }
        resolvers.asyncField("Query", "slow") { input in
            try await self.timers.wait(for: Self.delay(input))
            return "slow"
        }
        resolvers.field("Query", "echo") { .optional($0.arguments.string("s")) }
        resolvers.field("Query", "echoOrNull") { .optional($0.arguments.string("s")) }
        resolvers.field("Query", "boom") { _ in throw GraphQLError(message: "This field always fails.") }
        resolvers.field("Query", "required") { _ in throw GraphQLError(message: "This field always fails.") }
        resolvers.field("Query", "active") { input in
            .int(Int64(input.arguments.string("key").map(self.live.count) ?? self.live.total))
        }
        resolvers.field("Query", "counter") { _ in .int(Int64(self.counter.value.load(ordering: .relaxed))) }
    }

    private func addMutations(to resolvers: inout Resolvers) {
        resolvers.field("Mutation", "increment") { _ in
            .int(Int64(self.counter.value.add(1, ordering: .relaxed).newValue))
        }
        resolvers.asyncField("Mutation", "publish") { input in
            let channel = try self.channels.of(Access.identity(input)).topic(input.arguments.string("name") ?? "")
            let value = Array((input.arguments.string("value") ?? "").utf8)
            return .int(Int64(try await self.bus.publishForClient(value, to: channel)))
        }
    }

    private func addFiniteSubscriptions(to resolvers: inout Resolvers) {
        resolvers.subscription("count") { input in
            let interval = try Self.delay(input)
            let last = input.arguments.int("to") ?? 0
            return SourceEventStream { sink in
                let live = self.live.open(key: nil)
                let stream = CountingStream(to: last, every: interval, timers: self.timers, sink: sink, live: live)
                stream.arm(1)
                return SourceCancellation { stream.cancel() }
            }
        }
        resolvers.subscription("empty") { _ in
            SourceEventStream { sink in
                sink.finish()
                return SourceCancellation {}
            }
        }
    }

    private func addFailingSubscriptions(to resolvers: inout Resolvers) {
        resolvers.subscription("throwsAtStart") { _ in
            throw GraphQLError(message: "This source stream cannot be created.")
        }
        resolvers.subscription("throwsLater") { _ in
            SourceEventStream { sink in
                sink.send(.int(1))
                sink.fail(GraphQLError(message: "This source stream always fails after its first event."))
                return SourceCancellation {}
            }
        }
        resolvers.subscription("fieldError") { _ in
            SourceEventStream { sink in
                sink.send(.failure(GraphQLError(message: "This field always fails on the first event.")))
                sink.send(.int(2))
                sink.finish()
                return SourceCancellation {}
            }
        }
    }

    private func addOpenSubscriptions(to resolvers: inout Resolvers) {
        resolvers.subscription("silent") { input in
            let key = input.arguments.string("key")
            return SourceEventStream { _ in
                let live = self.live.open(key: key)
                return SourceCancellation { live.close() }
            }
        }
        resolvers.subscription("slowStart") { input in
            try await self.timers.wait(for: Self.delay(input))
            let key = input.arguments.string("key")
            return SourceEventStream { sink in
                let live = self.live.open(key: key)
                sink.send(.int(1))
                return SourceCancellation { live.close() }
            }
        }
        resolvers.subscription("topic") { input in
            let name = input.arguments.string("name") ?? ""
            let channels = try self.channels.of(Access.identity(input))
            let channel = try channels.topic(name)
            let live = self.live
            return SourceEventStream(
                of: channel, on: self.bus, sharingKey: channels.sharingKey(for: channel),
                countedBy: { live.open(key: name) }, onSkipped: { _, _ in }
            ) {
                .event(.string(String(decoding: $0, as: UTF8.self)))
            }
        }
    }

    /// The argument `ms`.
    private static func delay(_ input: ResolverInput) throws(GraphQLError) -> Duration {
        let milliseconds = input.arguments.int("ms") ?? 0
        guard milliseconds >= 0 else {
            throw GraphQLError(
                message: "Argument \"ms\" cannot be used: it is a number of milliseconds, from 0.",
                extensions: ["code": "BAD_USER_INPUT"])
        }
        return .milliseconds(milliseconds)
    }
}
