/// Faults that only a container can have: in its packets, its networks, its memory.
extension FaultController {
    /// What is harmed, and how a canary looks at it.
    struct Place {
        /// As sentences call it.
        var name: String
        /// Where it listens inside.
        var port: Int
        var canary: @Sendable (_ padding: Int) -> Canary?
    }

    /// Returns when the fault was seen.
    func begin(
        _ effect: FaultEffect, at process: RunControl.Process, _ place: Place
    ) async throws(Failure) {
        switch effect {
        case .memory(let bytes):
            // The engine's own word is what can be seen of it; what it does shows when somebody wants more.
            guard await process.container?.limitMemory(bytes) == true else {
                throw Failure(message: "\(place.name) could not be kept from taking more memory")
            }
        case .disconnect: try await self.isolate(process, place)
        case .blackhole(.both) where process.container?.packets == nil: try await self.isolate(process, place)
        case .refuse:
            try await self.packets(.refuse, at: process, place)
            try await self.see("refused", { place.canary(0) }) { $0 == .refused }
        case .reset:
            guard let perched = await place.canary(0)?.perch(patience: Self.patience) else {
                throw Failure(message: "the canary found no way through before the fault")
            }
            do {
                try await self.packets(.reset, at: process, place)
            } catch {
                perched.letGo()
                throw error
            }
            guard await perched.falls(within: Self.patience) else {
                throw Failure(message: "the fault was not seen: a canary's connection is still there")
            }
        case .blackhole(let direction):
            try await self.packets(.lose(percent: 100, direction), at: process, place)
            try await self.see("silent", { place.canary(0) }) { $0 == .silent }
        case .loss(let percent, let direction):
            try await self.packets(.lose(percent: percent, direction), at: process, place)
            try await self.seeLoss(percent, place)
        default:
            throw Failure(
                message: "`\(effect.word)` cannot be done to the container of \(place.name)", isBeyondUs: true)
        }
    }

    /// Returns when a canary was answered.
    func end(_ effect: FaultEffect, at process: RunControl.Process, _ place: Place) async throws(Failure) {
        switch effect {
        case .memory: return try await self.giveMemoryBack(to: process, place)
        case .disconnect: try await self.rejoin(process)
        case .blackhole(.both) where process.container?.packets == nil: try await self.rejoin(process)
        case .refuse, .blackhole, .loss:
            guard let packets = process.container?.packets else { return }
            guard await packets(.clear, place.port) else {
                throw Failure(message: "the packets of \(place.name) could not be let through again")
            }
        default: return
        }
        try await self.seeHealed { place.canary(0) }
    }

    /// Who took too much was ended for it. For a moment the engine still calls it running, or clears it away and changes
    /// nothing: so it is started, and its limit lifted, until a canary is answered.
    private func giveMemoryBack(to process: RunControl.Process, _ place: Place) async throws(Failure) {
        let deadline = self.now() + 10 * Self.patience
        var last = Failure(message: "\(place.name) could not be given its memory back")
        repeat {
            let isUp = await process.restart()
            if isUp, await process.container?.freeMemory() == true {
                do throws(Failure) {
                    return try await self.seeHealed { place.canary(0) }
                } catch {
                    last = error
                }
            }
            await Self.breathe()
        } while self.now() < deadline
        throw last
    }

    private func isolate(_ process: RunControl.Process, _ place: Place) async throws(Failure) {
        guard await process.isolate?() == true else {
            throw Failure(message: "\(place.name) could not be taken off its network")
        }
        try await self.seeClosed { place.canary(0) }
    }

    private func rejoin(_ process: RunControl.Process) async throws(Failure) {
        guard await process.rejoin?() == true else {
            throw Failure(message: "a container could not be put back on its network")
        }
    }

    private func packets(
        _ fault: PacketFault, at process: RunControl.Process, _ place: Place
    ) async throws(Failure) {
        guard let packets = process.container?.packets else {
            throw Failure(
                message: "no image with tools for the packets of \(place.name) is known: start.\(Self.tools)",
                isBeyondUs: true)
        }
        guard await packets(fault, place.port) else {
            throw Failure(message: "the packets of \(place.name) could not be harmed")
        }
    }

    private static let tools = "containers.tools, or start.compose.tools"

    /// A packet that got lost is sent again, after 200 ms at the earliest; a connection that has to be made waits a second. One
    /// look needs a handful of packets, so a slow one comes soon.
    private func seeLoss(_ percent: Int, _ place: Place) async throws(Failure) {
        let tries = 20 * max(1, 20 / percent)
        for _ in 0..<tries {
            switch await place.canary(0)?.look(patience: Self.look) {
            case .answered(let time) where time < 180_000_000: continue
            case nil: throw Failure(message: "there is nothing that a canary could ask")
            default: return
            }
        }
        throw Failure(message: "the fault was not seen: \(tries) answers in a row came at once")
    }
}
