package import PubSub

/// The commands go over the link that publishes, behind one another and without waiting for one another.
extension RedisBus: KeyValueStore {
    package func perform(_ command: StoreCommand) async throws(BusError) -> StoreReply {
        try StoreReply(try await self.send(command.resp), to: command)
    }
}
