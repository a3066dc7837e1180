/// What an engine says of a container, as far as faults and probes need it.
package struct ContainerFacts: Sendable, Equatable {
    /// The full id.
    package var id: String
    /// Without the leading slash.
    package var name: String
    package var isRunning: Bool
    package var isPaused: Bool
    /// The first process as the host sees it; `nil` if there is none.
    package var processID: Int32?
    /// By the name of the network.
    package var networks: [String: Attachment]
    /// Ports inside the container and where the host was asked to publish them; a port that the engine chose is left
    /// out, because it changes with every start.
    package var fixedPorts: [Int: Int]
    /// Ports inside the container and where they are published now.
    package var ports: [Int: Int]
    package var labels: [String: String]
    /// The most that it may take of memory, in bytes; `nil` for no limit.
    package var memoryLimit: Int?
    /// The same with swap.
    package var memoryWithSwap: Int?

    /// A place on a network.
    package struct Attachment: Sendable, Equatable {
        /// IPv4; `nil` while the container is not running.
        package var address: String?
        package var aliases: [String]
    }

    /// Reads the answer to an inspection; `nil` if it is none.
    init?(_ json: JSON) {
        guard let id = json["Id"]?.stringValue, let state = json["State"] else { return nil }
        self.id = id
        self.name = String((json["Name"]?.stringValue ?? id).drop { $0 == "/" })
        self.isRunning = state["Running"]?.boolValue ?? false
        self.isPaused = state["Paused"]?.boolValue ?? false
        self.processID = state["Pid"]?.intValue.flatMap { $0 > 0 ? Int32(exactly: $0) : nil }
        self.networks = [:]
        for network in json.at("NetworkSettings.Networks")?.members ?? [] {
            let address = network.value["IPAddress"]?.stringValue
            // The engine adds the short id by itself.
            let aliases = (network.value["Aliases"]?.arrayValue ?? []).compactMap(\.stringValue)
                .filter { !id.hasPrefix($0) }
            self.networks[network.name] = Attachment(
                address: address.flatMap { $0.isEmpty ? nil : $0 }, aliases: aliases)
        }
        self.ports = Self.ports(json.at("NetworkSettings.Ports"))
        self.fixedPorts = Self.ports(json.at("HostConfig.PortBindings"))
        self.memoryLimit = json.at("HostConfig.Memory")?.intValue.flatMap { $0 > 0 ? $0 : nil }
        self.memoryWithSwap = json.at("HostConfig.MemorySwap")?.intValue
        self.labels = [:]
        for label in json.at("Config.Labels")?.members ?? [] {
            self.labels[label.name] = label.value.stringValue
        }
    }

    /// Reads `{"6379/tcp": [{"HostPort": "7000"}]}`.
    private static func ports(_ json: JSON?) -> [Int: Int] {
        var ports: [Int: Int] = [:]
        for binding in json?.members ?? [] {
            let parts = binding.name.split(separator: "/")
            guard parts.count == 2, parts[1] == "tcp", let inner = Int(parts[0]) else { continue }
            let outer = (binding.value.arrayValue ?? []).compactMap { $0["HostPort"]?.stringValue.flatMap { Int($0) } }
            if let port = outer.first(where: { $0 > 0 }) { ports[inner] = port }
        }
        return ports
    }

    /// Where a port of the container is reached from the host, so that it is still there after a start: a published
    /// port that was chosen by hand, else the container's own address, else the published port of now.
    package func address(ofPort port: Int) -> (host: String, port: Int)? {
        if let fixed = self.fixedPorts[port] { return ("127.0.0.1", fixed) }
        let addresses = self.networks.sorted { $0.key < $1.key }.compactMap(\.value.address)
        if let address = addresses.first { return (address, port) }
        return self.ports[port].map { ("127.0.0.1", $0) }
    }
}
