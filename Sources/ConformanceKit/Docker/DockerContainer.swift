import Synchronization

/// A container that a run may harm, by its name.
package final class DockerContainer: Sendable {
    private let engine: DockerEngine
    /// A name or an id.
    package let name: String
    /// An image with a shell, `nft` and `ss`; `nil` if none is known.
    private let tools: String?
    private let formerMemory = Mutex<(limit: Int, withSwap: Int)?>(nil)
    private let lost = Mutex<[String: ContainerFacts.Attachment]>([:])
    private let downs = Mutex(false)
    private let isEnding = Mutex(false)
    private let lastProcess = Mutex<(number: Int32, id: String)?>(nil)

    /// A container that exists.
    ///
    /// - Parameter tools: An image with a shell, `nft` and `ss`, for faults of packets.
    package init(_ name: String, engine: DockerEngine, tools: String? = nil) {
        self.tools = tools
        self.name = name
        self.engine = engine
    }

    /// Whether its packets can be harmed.
    package var hasTools: Bool { self.tools != nil }

    /// Whether it was ended on purpose, until it is started again.
    package var isDown: Bool { self.downs.withLock { $0 } }

    /// What the engine says of it now; `nil` if it says nothing.
    package func facts() async -> ContainerFacts? {
        guard let facts = try? await self.engine.container(self.name) else { return nil }
        self.lastProcess.withLock { $0 = facts.isRunning ? facts.processID.map { ($0, facts.id) } : nil }
        return facts
    }

    /// Its first process as the host saw it when the engine was last asked; `nil` while it is ended, and where that
    /// number means another process, since the runner is in a container itself.
    package var processID: Int32? {
        guard !self.isDown, let (number, id) = self.lastProcess.withLock({ $0 }),
            let groups = ProcessProbe.contents(of: "/proc/\(number)/cgroup"), groups.contains(id)
        else { return nil }
        return number
    }

    /// Ends it by SIGKILL. Says whether it is gone.
    package func kill() async -> Bool {
        self.downs.withLock { $0 = true }
        // One that is restarted by a policy of its own is not gone; whoever looks for the effect will notice.
        return await self.succeeds { engine, name throws(DockerEngine.Failure) in try await engine.kill(name) }
    }

    /// Asks it to end, and does not wait. Says whether it could be asked.
    package func askToEnd() async -> Bool {
        self.downs.withLock { $0 = true }
        self.isEnding.withLock { $0 = true }
        return await self.succeeds { engine, name throws(DockerEngine.Failure) in try await engine.stop(name) }
    }

    /// Starts it again. Says whether it runs.
    package func start() async -> Bool {
        // One that is about to end would count as running.
        let wasEnding = self.isEnding.withLock { flag in
            defer { flag = false }
            return flag
        }
        if wasEnding {
            _ = await self.succeeds { engine, name throws(DockerEngine.Failure) in _ = try await engine.wait(name) }
        }
        let isUp = await self.succeeds { engine, name throws(DockerEngine.Failure) in try await engine.start(name) }
        guard isUp else { return false }
        self.downs.withLock { $0 = false }
        return await self.facts()?.isRunning ?? false
    }

    /// Stops every process of it where it stands.
    package func pause() async -> Bool {
        await self.succeeds { engine, name throws(DockerEngine.Failure) in try await engine.pause(name) }
    }

    /// Lets them go on.
    package func unpause() async -> Bool {
        await self.succeeds { engine, name throws(DockerEngine.Failure) in try await engine.unpause(name) }
    }

    /// Takes it off all of its networks, or off one. Says whether there was one.
    package func isolate(from network: String? = nil) async -> Bool {
        guard let facts = await self.facts() else { return false }
        let networks = facts.networks.filter { network == nil || $0.key == network }
        guard !networks.isEmpty else { return false }
        for (network, attachment) in networks {
            self.lost.withLock { $0[network] = attachment }
            let isOff = await self.succeeds { engine, name throws(DockerEngine.Failure) in
                try await engine.disconnect(name, from: network)
            }
            guard isOff else { return false }
        }
        return true
    }

    /// Puts it back where it was, under the same names. Says whether it is there.
    package func rejoin() async -> Bool {
        for (network, attachment) in self.lost.withLock({ $0 }) {
            let isBack = await self.joins(network, attachment)
            guard isBack else { return false }
            self.lost.withLock { $0[network] = nil }
        }
        return true
    }

    /// Does something to its packets, or takes that away. Says whether it is so; `nil` if no image has the tools.
    package func harmPackets(_ fault: PacketFault, port: Int) async -> Bool? {
        guard let tools = self.tools else { return nil }
        return await self.succeeds { engine, name throws(DockerEngine.Failure) in
            let code = try await engine.run(fault.script(port: port), image: tools, inNetworkOf: name)
            guard code == 0 else {
                throw DockerEngine.Failure(message: "the tools ended with \(code)", status: nil)
            }
        }
    }

    /// Lets it take so many bytes of memory more than it has now. Says whether that is so, which needs a limit to go
    /// back to.
    package func limitMemory(toMore bytes: Int) async -> Bool {
        guard let facts = await self.facts(), let limit = facts.memoryLimit else { return false }
        let isSet = await self.succeeds { engine, name throws(DockerEngine.Failure) in
            let most = try await engine.memory(of: name) + bytes
            try await engine.limitMemory(of: name, to: most, withSwap: most)
        }
        guard isSet, let now = await self.facts()?.memoryLimit, now < limit else { return false }
        self.formerMemory.withLock { $0 = $0 ?? (limit, facts.memoryWithSwap ?? limit) }
        return true
    }

    /// Gives it the limit back that it had.
    package func freeMemory() async -> Bool {
        guard let former = self.formerMemory.withLock({ $0 }) else { return true }
        let isSet = await self.succeeds { engine, name throws(DockerEngine.Failure) in
            try await engine.limitMemory(of: name, to: former.limit, withSwap: former.withSwap)
        }
        if isSet { self.formerMemory.withLock { $0 = nil } }
        return isSet
    }

    private func joins(_ network: String, _ attachment: ContainerFacts.Attachment) async -> Bool {
        // Only networks with a subnet of their own let an address be asked for; on others any will do.
        for address in [attachment.address, nil] {
            let isBack = await self.succeeds { engine, name throws(DockerEngine.Failure) in
                try await engine.connect(name, to: network, aliases: attachment.aliases, address: address)
            }
            if isBack { return true }
        }
        return false
    }

    private func succeeds(
        _ body: (DockerEngine, String) async throws(DockerEngine.Failure) -> Void
    ) async -> Bool {
        do throws(DockerEngine.Failure) {
            try await body(self.engine, self.name)
            return true
        } catch {
            return false
        }
    }
}

extension RunControl.Process {
    /// A container of the server's. What is in its volumes is kept, whatever a fault says about data.
    ///
    /// - Parameter port: Where its process listens inside; `nil` if that is the port by which it is reached.
    package init(_ container: DockerContainer, port: Int?) {
        self.init(
            kill: { _ in await container.kill() }, restart: { await container.start() },
            freeze: { await container.pause() }, thaw: { await container.unpause() },
            processID: { container.processID })
        self.stop = { await container.askToEnd() }
        self.isolate = { await container.isolate() }
        self.rejoin = { await container.rejoin() }
        self.isRunning = { await container.facts()?.isRunning ?? false }
        var packets: (@Sendable (PacketFault, Int) async -> Bool)?
        if container.hasTools { packets = { await container.harmPackets($0, port: $1) ?? false } }
        self.container = .init(
            port: port, packets: packets, limitMemory: { await container.limitMemory(toMore: $0) },
            freeMemory: { await container.freeMemory() })
    }
}
