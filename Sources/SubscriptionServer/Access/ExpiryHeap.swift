import Synchronization

/// The connections whose tokens end, the next to end first: a binary heap in which each connection knows its place, so
/// that it can leave in the middle. A connection is in one heap at most.
struct ExpiryHeap {
    private struct Entry {
        let due: Double
        let connection: LiveConnection
    }

    private var entries: [Entry] = []

    /// How many there are.
    var count: Int { self.entries.count }

    /// When the next ends.
    var nextDue: Double? { self.entries.first?.due }

    mutating func add(_ connection: LiveConnection, due: Double) {
        self.entries.append(Entry(due: due, connection: connection))
        self.rise(self.entries.count - 1)
    }

    /// Takes the next out.
    mutating func removeNext() -> LiveConnection? {
        guard let next = self.entries.first?.connection else { return nil }
        self.remove(next)
        return next
    }

    /// Takes a connection out; nothing happens when it is not there.
    mutating func remove(_ connection: LiveConnection) {
        let place = connection.expiryPlace.load(ordering: .relaxed)
        guard place >= 0, place < self.entries.count, self.entries[place].connection === connection else { return }
        connection.expiryPlace.store(-1, ordering: .relaxed)
        let last = self.entries.removeLast()
        guard place < self.entries.count else {
            // Removing keeps the storage of the busiest moment.
            if self.entries.isEmpty { self.entries = [] }
            return
        }
        self.put(last, at: place)
        self.sink(place)
        self.rise(place)
    }

    private mutating func put(_ entry: Entry, at place: Int) {
        self.entries[place] = entry
        entry.connection.expiryPlace.store(place, ordering: .relaxed)
    }

    private mutating func rise(_ start: Int) {
        var place = start
        let entry = self.entries[place]
        while place > 0, self.entries[(place - 1) / 2].due > entry.due {
            self.put(self.entries[(place - 1) / 2], at: place)
            place = (place - 1) / 2
        }
        self.put(entry, at: place)
    }

    private mutating func sink(_ start: Int) {
        var place = start
        let entry = self.entries[place]
        while true {
            var child = 2 * place + 1
            guard child < self.entries.count else { break }
            if child + 1 < self.entries.count, self.entries[child + 1].due < self.entries[child].due { child += 1 }
            guard self.entries[child].due < entry.due else { break }
            self.put(self.entries[child], at: place)
            place = child
        }
        self.put(entry, at: place)
    }
}
