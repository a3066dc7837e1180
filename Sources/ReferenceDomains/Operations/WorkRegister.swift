import PubSub
import Synchronization

/// Which instance of the server works on which job or campaign, for all of them to see: what was begun by one that is
/// gone would else be running for ever.
///
/// An instance that works on something has a key in the store that is forgotten unless it is renewed in time. What is
/// registered for an instance without one has nobody who works on it.
final class WorkRegister: Sendable {
    /// How long an instance is believed to be there without a sign of life.
    static let lease = Duration.seconds(15)
    /// How often signs of life are to be given and orphans looked for.
    static let interval = Duration.seconds(5)

    /// One job or campaign.
    struct Entry: Hashable, Sendable {
        let kind: WorkKind
        let tenant: String
        let id: String

        /// As the store has it. Neither a tenant nor an id has a colon.
        var name: String { "\(self.kind.rawValue):\(self.tenant):\(self.id)" }

        init(_ kind: WorkKind, _ id: String, tenant: String) {
            self.kind = kind
            self.tenant = tenant
            self.id = id
        }

        init?(name: String) {
            let parts = name.split(separator: ":", maxSplits: 2).map(String.init)
            guard parts.count == 3, let kind = WorkKind(rawValue: parts[0]) else { return nil }
            self.init(kind, parts[2], tenant: parts[1])
        }
    }

    private struct State {
        /// What this instance works on.
        var own: Set<Entry> = []
        /// Which of the entries had nobody when they were looked at last, with whose they were.
        var suspects: [Entry: [UInt8]] = [:]
    }

    private let store: any KeyValueStore
    private let prefix: String
    private let instance: String
    private let state = Mutex(State())

    /// - Parameter instance: What no other instance is called.
    init(in store: any KeyValueStore, _ names: ChannelNames, instance: String) {
        self.store = store
        self.prefix = names.prefix
        self.instance = instance
    }

    // MARK: Keys

    /// The hash of all work that is not over, with the instance that does it.
    private var workKey: String { self.prefix + "realtime:work" }

    private func leaseKey(_ instance: String) -> String { "\(self.prefix)realtime:worker:\(instance)" }

    // MARK: One's own work

    /// This instance works on it from now on, whoever did before.
    func claim(_ entry: Entry) async throws(BusError) {
        self.state.withLock { _ = $0.own.insert(entry) }
        do {
            try await self.renew()
            try await self.store.setFields([entry.name: Array(self.instance.utf8)], of: self.workKey)
        } catch {
            self.abandon(entry)
            throw error
        }
    }

    /// It is over.
    func release(_ entry: Entry) async {
        self.abandon(entry)
        // What stays because the store is away is found as an orphan that is over.
        _ = try? await self.store.removeFields([entry.name], of: self.workKey)
    }

    /// This instance does not go on with it.
    func abandon(_ entry: Entry) {
        self.state.withLock { _ = $0.own.remove(entry) }
    }

    /// Gives a sign of life, if there is anything that this instance works on.
    func renew() async throws(BusError) {
        guard self.state.withLock({ !$0.own.isEmpty }) else { return }
        try await self.store.set(self.leaseKey(self.instance), to: Array("1".utf8), expiry: Self.lease)
    }

    // MARK: That of others

    /// What nobody works on, and did not when this was called before: after the store was away everybody has the time
    /// between to give a sign of life. It is this instance's business now, and no other's.
    func takeOrphans() async throws(BusError) -> [Entry] {
        var isAlive: [[UInt8]: Bool] = [:]
        var suspects: [Entry: [UInt8]] = [:]
        for (name, owner) in try await self.store.fields(of: self.workKey) {
            guard let entry = Entry(name: name) else { continue }
            if owner.elementsEqual(self.instance.utf8) {
                if self.state.withLock({ $0.own.contains(entry) }) { continue }
            } else {
                let known = isAlive[owner]
                let isThere: Bool
                if let known {
                    isThere = known
                } else {
                    isThere = try await self.store.get(self.leaseKey(String(decoding: owner, as: UTF8.self))) != nil
                }
                isAlive[owner] = isThere
                if isThere { continue }
            }
            suspects[entry] = owner
        }
        let before = self.state.withLock { state in
            defer { state.suspects = suspects }
            return state.suspects
        }
        var orphans: [Entry] = []
        for (entry, owner) in suspects where before[entry] == owner {
            // Of several instances that see it one takes it.
            let isTaken = try await self.store.replace(
                entry.name, of: self.workKey, expecting: owner, with: Array(self.instance.utf8), announcing: [])
            if isTaken { orphans.append(entry) }
        }
        return orphans
    }
}
