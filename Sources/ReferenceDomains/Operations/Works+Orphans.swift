import GraphQLCore
import PubSub

extension Works {
    /// Does what `keepUp` does, again and again until the task is cancelled.
    package func keepWatch() async {
        while (try? await self.environment.timers.wait(for: WorkRegister.interval)) != nil {
            guard self.environment.bus.status == .connected else { continue }
            // What the store does not answer now is asked again.
            try? await self.keepUp()
        }
    }

    /// Gives the sign of life by which other instances know that this one works on what it began, and ends what nobody
    /// works on any more: that has failed, and its event says why. To be called every `WorkRegister.interval`.
    ///
    /// - Throws: `BusError` or `GraphQLError` when the store is away. What was not ended is ended by a later call.
    func keepUp() async throws {
        let register = self.environment.workRegister
        try await register.renew()
        for entry in try await register.takeOrphans() {
            if try await self.fail(entry, because: ClientMessages.nobodyWorks) {
                self.environment.onWorkStopped(entry.id, ClientMessages.nobodyWorks)
            }
            await register.release(entry)
        }
    }

    /// - Returns: Whether it was not over already.
    private func fail(_ entry: WorkRegister.Entry, because reason: String) async throws -> Bool {
        let store = try self.store(entry.kind, entry.tenant)
        guard try await store.find(entry.id) != nil else { return false }
        let (_, isChanged) = try await store.update(entry.id) { item in
            guard !item.status.isFinal else { return nil }
            var item = item
            item.status = .failed
            item.members["error_message"] = .string(reason)
            return (item, event: try self.event(of: item, entry.kind, entry.tenant))
        }
        if isChanged { try await self.ring(entry.kind, entry.tenant) }
        return isChanged
    }
}
