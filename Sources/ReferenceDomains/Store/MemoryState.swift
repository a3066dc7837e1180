package import PubSub
import Synchronization

/// State inside this process, announced on a bus.
package final class MemoryState: SharedState {
    private struct Books {
        var hashes: [String: [String: [UInt8]]] = [:]
        /// What waits to be published; one task at a time does it, so that events go out in the order of the changes.
        var outbox: ArraySlice<Announcement> = []
        var isPublishing = false
    }

    private let books = Mutex(Books())
    private let bus: any MessageBus

    /// - Parameter bus: Carries the announcements.
    package init(bus: any MessageBus) {
        self.bus = bus
    }

    package func field(_ field: String, of key: String) async throws(BusError) -> [UInt8]? {
        self.books.withLock { $0.hashes[key]?[field] }
    }

    package func fields(of key: String) async throws(BusError) -> [String: [UInt8]] {
        self.books.withLock { $0.hashes[key] ?? [:] }
    }

    package func set(_ fields: [String: [UInt8]], of key: String, lifetime: Duration?) async throws(BusError) {
        self.books.withLock { $0.hashes[key, default: [:]].merge(fields) { $1 } }
    }

    package func replace(
        _ field: String, of key: String, expected: [UInt8]?, with value: [UInt8]?, announcing: [Announcement]
    ) async throws(BusError) -> Bool {
        let isReplaced = self.books.withLock { books in
            guard books.hashes[key]?[field] == expected else { return false }
            books.hashes[key, default: [:]][field] = value
            if books.hashes[key]?.isEmpty == true { books.hashes[key] = nil }
            books.outbox += announcing
            return true
        }
        if isReplaced { try await self.publishWaiting() }
        return isReplaced
    }

    private func publishWaiting() async throws(BusError) {
        var isMine = false
        while true {
            let next = self.books.withLock { books -> Announcement? in
                guard isMine || !books.isPublishing else { return nil }
                let next = books.outbox.popFirst()
                isMine = next != nil
                books.isPublishing = isMine
                return next
            }
            guard let next else { return }
            do {
                _ = try await self.bus.publish(next.message, to: next.channel)
            } catch {
                self.books.withLock { $0.isPublishing = false }
                throw error
            }
        }
    }
}
