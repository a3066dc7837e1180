import Synchronization

/// A container that a run may harm, by its name.
package final class DockerContainer: Sendable {
    private let engine: DockerEngine
    /// A name or an id.
    package let name: String
    private let lost = Mutex<[String: ContainerFacts.Attachment]>([:])
    private let downs = Mutex(false)
    private let lastProcessID = Mutex<Int32?>(nil)

    /// A container that exists.
    package init(_ name: String, engine: DockerEngine) {
        self.name = name
        self.engine = engine
    }

    /// Whether it was ended on purpose, until it is started again.
    package var isDown: Bool { self.downs.withLock { $0 } }

    /// What the engine says of it now; `nil` if it says nothing.
    package func facts() async -> ContainerFacts? {
        guard let facts = try? await self.engine.container(self.name) else { return nil }
        self.lastProcessID.withLock { $0 = facts.isRunning ? facts.processID : nil }
        return facts
    }

    /// Its first process as the host saw it when the engine was last asked; `nil` while it is ended.
    package var processID: Int32? { self.isDown ? nil : self.lastProcessID.withLock { $0 } }

    /// Ends it by SIGKILL. Says whether it is gone.
    package func kill() async -> Bool {
        self.downs.withLock { $0 = true }
        // One that is restarted by a policy of its own is not gone; whoever looks for the effect will notice.
        return await self.succeeds { engine, name throws(DockerEngine.Failure) in try await engine.kill(name) }
    }

    /// Starts it again. Says whether it runs.
    package func start() async -> Bool {
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
    package init(_ container: DockerContainer) {
        self.init(
            kill: { _ in await container.kill() }, restart: { await container.start() },
            freeze: { await container.pause() }, thaw: { await container.unpause() },
            processID: { container.processID })
        self.isolate = { await container.isolate() }
        self.rejoin = { await container.rejoin() }
    }
}
