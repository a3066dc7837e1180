import Synchronization

/// A connection of a scenario that is made of HTTP requests: an event stream for each operation, or one for all.
final class StreamLink: Sendable {
    /// One request that may still be answered.
    struct Exchange: Sendable {
        var number: Int
        var operation: String?
        var transfer: Transfer
    }

    private struct State {
        var exchanges: [Exchange] = []
        /// Of a reserved stream.
        var token: String?
    }

    let endpoint: Target.Endpoint
    let transport: String
    let headers: [HTTPHeader]
    let version: TransferRequest.Version
    let path: String?
    /// Where requests carry the token of a reserved stream.
    let tokenPlace: StreamTokenPlace
    private let state = Mutex(State())

    init(
        endpoint: Target.Endpoint, transport: String, headers: [HTTPHeader], version: TransferRequest.Version,
        path: String?, tokenPlace: StreamTokenPlace = .header
    ) {
        self.endpoint = endpoint
        self.transport = transport
        self.headers = headers
        self.version = version
        self.path = path
        self.tokenPlace = tokenPlace
    }

    var isShared: Bool { self.transport == "sse-single" }

    var token: String? {
        get { self.state.withLock { $0.token } }
        set { self.state.withLock { $0.token = newValue } }
    }

    func add(_ exchange: Exchange) { self.state.withLock { $0.exchanges.append(exchange) } }

    /// Takes out the requests of an operation, or all of them.
    func take(operation: String?) -> [Exchange] {
        self.state.withLock { state in
            let taken = state.exchanges.filter { operation == nil || $0.operation == operation }
            state.exchanges.removeAll { operation == nil || $0.operation == operation }
            return taken
        }
    }

    var exchanges: [Exchange] { self.state.withLock { $0.exchanges } }

    /// A part of a URL with everything encoded that has a meaning of its own (RFC 3986 §2.3).
    static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
            default: bytes.append(contentsOf: [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]])
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A path and query with more parameters.
    static func path(_ path: String, adding parameters: [(name: String, value: String)]) -> String {
        guard !parameters.isEmpty else { return path }
        let text = parameters.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
        return path + (path.contains("?") ? "&" : "?") + text
    }
}
