/// An error by which a node of a cluster says that it is not the one to ask, or not now.
enum Redirection: Equatable {
    /// The slot belongs to the node at `host:port`.
    case moved(slot: Int, to: String)
    /// The slot is on its way to the node at `host:port`, which has the key: ask there, this time.
    case ask(slot: Int, at: String)
    /// The cluster, or the slot, has nobody that serves it, or a command meets a slot on its way.
    case notNow

    /// Reads the text of an error; nil for any other error.
    init?(_ text: String) {
        let words = text.split(separator: " ")
        switch words.first {
        case "MOVED", "ASK":
            guard words.count == 3, let slot = Int(words[1]), (0..<KeySlot.count).contains(slot) else { return nil }
            let place = String(words[2])
            self = words[0] == "ASK" ? .ask(slot: slot, at: place) : .moved(slot: slot, to: place)
        case "CLUSTERDOWN", "TRYAGAIN", "LOADING", "MASTERDOWN":
            self = .notNow
        default: return nil
        }
    }
}
