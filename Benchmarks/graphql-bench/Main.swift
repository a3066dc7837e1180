import Foundation
import GraphQLCore
import TestSupport

/// Measures the engine on the documents of this folder; see `Benchmarks/graphql.sh`.
///
/// Usage: `graphql-bench FOLDER [TASK COUNT]`: all tasks by the clock, or one task that often, for counting its
/// instructions. `graphql-bench hostile`: the time in milliseconds that each expensive document takes.
@main
struct Main {
    struct Nobody: ExecutionContext {
        let sharingIdentity = ""
    }

    struct Task {
        let name: String
        let run: () throws -> Void
    }

    static func main() throws {
        let arguments = CommandLine.arguments
        if arguments.dropFirst() == ["hostile"] {
            try self.printHostile()
            return
        }
        guard arguments.count == 2 || arguments.count == 4 else {
            print("usage: graphql-bench FOLDER [TASK COUNT] | hostile")
            exit(64)
        }
        let tasks = try self.tasks(URL(fileURLWithPath: arguments[1]))
        guard arguments.count == 4 else {
            for task in tasks {
                print(task.name, try self.microseconds(of: task), separator: "\t")
            }
            return
        }
        guard let task = tasks.first(where: { $0.name == arguments[2] }), let count = Int(arguments[3]) else {
            print("tasks:", tasks.map(\.name).joined(separator: " "))
            exit(64)
        }
        for _ in 0..<count {
            try task.run()
        }
    }

    /// Prints how long each expensive document takes to be parsed and validated, the best of five times in milliseconds
    /// of the processor, so that what else the machine does does not count; the longest first.
    static func printHostile() throws {
        let schema = try Schema(sdl: HostileDocument.schema)
        let times = HostileDocument.all.map { hostile in
            let rounds = (0..<5).map { _ in
                let start = self.processorMilliseconds()
                if let document = try? Parser.parseDocument(hostile.text) {
                    _ = validate(document, schema: schema)
                }
                return self.processorMilliseconds() - start
            }
            return (hostile.name, rounds.min() ?? 0)
        }
        for (name, time) in times.sorted(by: { $0.1 > $1.1 }) {
            print(String(format: "%.1f", time), name, separator: "\t")
        }
    }

    private static func processorMilliseconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }

    /// The time of one run in microseconds: the best of seven rounds of at least 0.2 seconds.
    static func microseconds(of task: Task) throws -> String {
        let clock = ContinuousClock()
        var best = Double.infinity
        for _ in 0..<7 {
            var count = 0
            let start = clock.now
            var time = Duration.zero
            while time < .milliseconds(200) {
                for _ in 0..<50 {
                    try task.run()
                }
                count += 50
                time = start.duration(to: clock.now)
            }
            best = min(best, time / .microseconds(1) / Double(count))
        }
        return String(format: "%.2f", best)
    }

    static func tasks(_ folder: URL) throws -> [Task] {
        func file(_ name: String) throws -> String {
            try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        }
        let schema = try Schema(sdl: [SDLSource(text: file("schema.graphql"))])
        let document = try file("operation.graphql")
        let eventText = Array(try file("event.json").utf8)
        let json = try JSONReader.read(eventText)
        let event = ResolvedValue.record(
            Record(fields: (json.objectValue ?? [:]).map { ($0.key, self.resolved($0.value)) }))
        let request = GraphQLRequest(query: document, variables: ["customerId": "42"])

        let engine = try self.engine(schema, EngineLimits())
        let forgetful = try self.engine(schema, EngineLimits(cachedOperations: 0))
        let operation = try engine.prepare(request).get()
        let context = Nobody()
        return [
            Task(name: "prepare") { _ = try forgetful.prepare(request).get() },
            Task(name: "prepare-again") { _ = try engine.prepare(request).get() },
            Task(name: "event") {
                _ = engine.executeEventSynchronously(operation, event: event, context: context)
            },
            Task(name: "event-json") {
                _ = engine.executeEventSynchronously(operation, event: .json(json), context: context)
            },
            Task(name: "event-from-text") {
                let payload = try JSONReader.read(eventText)
                _ = engine.executeEventSynchronously(operation, event: .json(payload), context: context)
            },
        ]
    }

    static func engine(_ schema: Schema, _ limits: EngineLimits) throws -> GraphQLEngine {
        var resolvers = Resolvers()
        resolvers.field("Query", "customer") { _ in .null }
        resolvers.subscription("customerNetworkStatusUpdated") { _ in
            SourceEventStream { _ in SourceCancellation {} }
        }
        resolvers.scalar("DateTime", .json)
        return try GraphQLEngine(schema: schema, resolvers: resolvers, limits: limits)
    }

    static func resolved(_ value: JSONValue) -> ResolvedValue {
        switch value {
        case .string(let text): .string(text)
        case .int(let number): .int(number)
        case .double(let number): .double(number)
        default: .json(value)
        }
    }
}
