package import PubSub
import ServiceLifecycle
import Synchronization

/// Counts for all processes that use one store, such as Redis.
///
/// Each count is a hash with a field for every process: how many places it holds, and until when that counts. A process
/// renews its fields; those of one that died expire, and its places are free again. Renewing writes what the process
/// knows that it holds, so a store that lost everything is right again after one renewal.
package final class SharedLimitStore: LimitStore, Service {
    /// What happens while the store cannot be asked.
    package enum AwayPolicy: String, Sendable, CaseIterable {
        /// Claims are granted, and counted when it is back.
        case open
        /// Claims are refused as `unavailable`.
        case closed
    }

    private let store: any KeyValueStore
    private let prefix: String
    private let process: String
    private let life: Duration
    private let away: AwayPolicy
    private let clock: any Clock<Duration>
    /// Places that this process holds or is asking for; what has come to zero stays until the store has been told.
    private let held = Mutex<[LimitCount: Int]>([:])
    /// Counts that went down and that the store has not been told of.
    private let lowered = Mutex<Set<LimitCount>>([])
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - prefix: Put before every key.
    ///   - process: What no other process is called.
    ///   - life: How long the places of a process that died still count; they are renewed three times in that time.
    ///   - clock: Measures the pauses between renewals.
    package init(
        _ store: any KeyValueStore, prefix: String, process: String, life: Duration = .seconds(30),
        away: AwayPolicy = .open, clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.store = store
        self.prefix = prefix
        self.process = process
        self.life = life
        self.away = away
        self.clock = clock
        (self.signals, self.signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    package func acquire(_ claims: [LimitClaim]) async -> LimitAnswer {
        guard !claims.isEmpty else { return .granted(.none) }
        let counts = claims.map(\.count)
        self.add(1, to: counts)
        do {
            let reply = try await self.store.evaluate(
                Self.claim, keys: counts.map(self.key),
                arguments: [self.process, self.milliseconds].map { Array($0.utf8) }
                    + claims.map { Array(String($0.maximum).utf8) })
            let full = Int(reply.integer ?? 0)
            guard full > 0 else { return .granted(self.lease(counts)) }
            self.add(-1, to: counts)
            return .full(counts[min(full, counts.count) - 1].kind)
        } catch {
            switch self.away {
            case .open:
                return .granted(self.lease(counts))
            case .closed:
                self.add(-1, to: counts)
                return .unavailable("the store of shared limits: \(error.code.rawValue)")
            }
        }
    }

    /// Renews, and tells of places that were given back, until the task is cancelled or shut down gracefully; then
    /// gives everything back.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask {
                    while !Task.isCancelled {
                        try? await self.clock.sleep(for: self.life / 3)
                        if !Task.isCancelled { await self.renew() }
                    }
                }
                group.addTask {
                    for await _ in self.signals { await self.tellLowered() }
                }
            }
        }
        self.held.withLock { held in held = held.mapValues { _ in 0 } }
        await self.renew()
    }

    /// Tells the store what this process holds.
    package func renew() async {
        let held = self.held.withLock { held in
            defer { held = held.filter { $0.value > 0 } }
            return held
        }
        // A few at a time, so that no script runs for long.
        var rest = Array(held)[...]
        while !rest.isEmpty {
            let part = rest.prefix(100)
            rest = rest.dropFirst(100)
            // What is not renewed now is next time.
            _ = try? await self.store.evaluate(
                Self.write, keys: part.map { self.key($0.key) },
                arguments: [self.process, self.milliseconds].map { Array($0.utf8) }
                    + part.map { Array(String($0.value).utf8) })
        }
    }

    private func lease(_ counts: [LimitCount]) -> LimitLease {
        LimitLease { [self] in
            self.add(-1, to: counts)
            self.lowered.withLock { $0.formUnion(counts) }
            self.signal.yield()
        }
    }

    /// What cannot be told now is told with the next renewal.
    private func tellLowered() async {
        let counts = self.lowered.withLock { lowered in
            defer { lowered = [] }
            return Array(lowered)
        }
        guard !counts.isEmpty else { return }
        let held = self.held.withLock { held in counts.map { max(0, held[$0] ?? 0) } }
        _ = try? await self.store.evaluate(
            Self.write, keys: counts.map(self.key),
            arguments: [self.process, self.milliseconds].map { Array($0.utf8) } + held.map { Array(String($0).utf8) })
    }

    private func add(_ number: Int, to counts: [LimitCount]) {
        self.held.withLock { held in
            for count in counts { held[count, default: 0] += number }
        }
    }

    private var milliseconds: String { "\(Int(self.life / .milliseconds(1)))" }

    /// The common part in braces keeps all counts in one slot of a Redis Cluster, where a script needs them.
    private func key(_ count: LimitCount) -> String {
        let subject = count.subject.map { part in
            let text = "\(part)"
            return "\(text.utf8.count):\(text)"
        }
        return "\(self.prefix){limits}:\(count.kind.rawValue):\(subject.joined(separator: ":"))"
    }

    // MARK: Scripts

    /// ARGV: process, milliseconds, then a maximum for each key. Answers 0, or the number of the first key, from 1,
    /// that is full. A field is `count:milliseconds since 1970`.
    static let claim = StoreScript(
        "claim",
        lua: """
            local time = redis.call('TIME')
            local now = time[1] * 1000 + math.floor(time[2] / 1000)
            local own = {}
            for place, key in ipairs(KEYS) do
                local fields = redis.call('HGETALL', key)
                local sum = 0
                own[place] = 0
                for index = 1, #fields, 2 do
                    local count, expiry = string.match(fields[index + 1], '^(%d+):(%d+)$')
                    if expiry and tonumber(expiry) > now then
                        sum = sum + count
                        if fields[index] == ARGV[1] then own[place] = tonumber(count) end
                    else
                        redis.call('HDEL', key, fields[index])
                    end
                end
                if sum >= tonumber(ARGV[2 + place]) then return place end
            end
            for place, key in ipairs(KEYS) do
                redis.call('HSET', key, ARGV[1], string.format('%d:%d', own[place] + 1, now + ARGV[2]))
                redis.call('PEXPIRE', key, ARGV[2])
            end
            return 0
            """
    ) { contents, keys, arguments throws(BusError) in
        let now = Int(contents.now / .milliseconds(1))
        let process = String(decoding: arguments[0], as: UTF8.self)
        let life = SharedLimitStore.number(arguments[1])
        var own: [Int] = []
        for (place, key) in keys.enumerated() {
            let flat = try contents.perform(.hashAll(key: key)).array ?? []
            var sum = 0
            own.append(0)
            for index in stride(from: 0, to: flat.count - 1, by: 2) {
                let parts = (flat[index + 1].text ?? "").split(separator: ":").compactMap { Int($0) }
                guard parts.count == 2, parts[1] > now else { continue }
                sum += parts[0]
                if flat[index].text == process { own[place] = parts[0] }
            }
            if sum >= SharedLimitStore.number(arguments[2 + place]) { return .integer(Int64(place + 1)) }
        }
        for (place, key) in keys.enumerated() {
            try SharedLimitStore.put(own[place] + 1, process, until: now + life, life, at: key, in: &contents)
        }
        return .integer(0)
    }

    /// ARGV: process, milliseconds, then what the process holds of each key.
    static let write = StoreScript(
        "renew",
        lua: """
            local time = redis.call('TIME')
            local expiry = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]
            for place, key in ipairs(KEYS) do
                if ARGV[2 + place] == '0' then
                    redis.call('HDEL', key, ARGV[1])
                else
                    redis.call('HSET', key, ARGV[1], string.format('%d:%d', ARGV[2 + place], expiry))
                    redis.call('PEXPIRE', key, ARGV[2])
                end
            end
            return 0
            """
    ) { contents, keys, arguments throws(BusError) in
        let now = Int(contents.now / .milliseconds(1))
        let process = String(decoding: arguments[0], as: UTF8.self)
        let life = SharedLimitStore.number(arguments[1])
        for (place, key) in keys.enumerated() {
            let count = SharedLimitStore.number(arguments[2 + place])
            if count == 0 {
                _ = try contents.perform(.hashRemove(key: key, fields: [process]))
            } else {
                try SharedLimitStore.put(count, process, until: now + life, life, at: key, in: &contents)
            }
        }
        return .integer(0)
    }

    private static func number(_ digits: [UInt8]) -> Int { Int(String(decoding: digits, as: UTF8.self)) ?? 0 }

    private static func put(
        _ count: Int, _ process: String, until end: Int, _ life: Int, at key: String, in contents: inout StoreContents
    ) throws(BusError) {
        let value = Array("\(count):\(end)".utf8)
        _ = try contents.perform(.hashSet(key: key, fields: [process: value], expiry: .milliseconds(life)))
    }
}
