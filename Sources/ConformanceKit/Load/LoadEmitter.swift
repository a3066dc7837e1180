/// Makes the events of a load happen, as the profile says.
struct LoadEmitter: Sendable {
    private enum Way: Sendable {
        case redis(RedisOracle, channel: String, message: String)
        case mutation(url: String, document: String, variables: JSON)
    }

    private let way: Way
    private let http = HTTPClient(threads: 1)
    private let mark: LoadMark

    init(_ target: Target, mark: LoadMark) throws(HarnessError) {
        self.mark = mark
        switch target.declared.emit ?? target.emit.map(Profile.Emit.init) {
        case .redis(let channel, let message):
            guard let address = target.redis else { throw HarnessError("The profile names no Redis for its events.") }
            self.way = .redis(RedisOracle(address), channel: channel, message: message)
        case .mutation(let document, let variables, _, _):
            guard let endpoint = target.endpoints["http"] else {
                throw HarnessError("A load emits by mutation over HTTP: the profile needs endpoints.http.")
            }
            self.way = .mutation(url: endpoint.url(), document: document, variables: variables)
        default: throw HarnessError("A load needs events by Redis or by mutation (emit in the profile).")
        }
    }

    /// The name of a topic.
    func topic(_ number: Int) -> String { "load-\(number)" }

    /// Returns when the events were accepted: one with each of the numbers on each topic. Number 0 is a probe.
    func emit(_ numbers: ClosedRange<Int>, topics: Int) async throws(HarnessError) {
        switch self.way {
        case .redis(let oracle, let channel, let message):
            let (channel, message) = (JSON.string(channel), JSON.string(message))
            let events = numbers.flatMap { number in
                (0..<topics).map { topic in
                    let values = self.values(topic: topic, number: number)
                    return RedisOracle.Publication(
                        channel: channel.replacing(values).plainText, message: message.replacing(values).plainText)
                }
            }
            if case .failure(let failure) = await oracle.publish(events) { throw HarnessError(failure.message) }
        case .mutation(let url, let document, let variables):
            // One after the other on a topic, since their order is checked.
            for number in numbers {
                for topic in 0..<topics {
                    try await self.mutate(url, document, variables.replacing(self.values(topic: topic, number: number)))
                }
            }
        }
    }

    private func values(topic: Int, number: Int) -> [String: String] {
        ["topic": self.topic(topic), "nonce": self.mark.nonce(topic: topic, number: number), "tenant": ""]
    }

    private func mutate(_ url: String, _ document: String, _ variables: JSON) async throws(HarnessError) {
        let body = JSON.object([.init("query", .string(document)), .init("variables", variables)])
        let request = HTTPRequest(
            method: "POST", url: url,
            headers: [
                .init(name: "Content-Type", value: "application/json"),
                .init(name: "Accept", value: "application/json"),
            ], body: Array(body.text.utf8), timeout: .seconds(30))
        do throws(HTTPClientError) {
            let response = try await self.http.send(request)
            guard response.status == 200 else {
                throw HTTPClientError(kind: .other, message: "status \(response.status)")
            }
        } catch {
            throw HarnessError("An event was not accepted: \(error.message)")
        }
    }

    func shutdown() async { await self.http.shutdown() }
}
