import Logging
import NIOCore
import PubSub

/// When the topology is read: one reading at a time, and at most one in `shortestPause`.
struct TopologyReading {
    static let shortestPause = TimeAmount.milliseconds(200)

    /// The next reading.
    var timer: Scheduled<Void>?
    var due = NIODeadline.distantFuture
    /// No reading begins before.
    var earliest = NIODeadline.distantPast
    var isUnderWay = false
    /// Whether another is wanted after the one under way.
    var isWantedAgain = false
    /// How many readings have left something to be mended, one after the other.
    var failures = 0
    /// Counts readings, so that they ask one node after the other.
    var count = 0
}

extension ClusterCore {
    /// Has the topology read soon.
    ///
    /// - Parameter pause: How long it can wait.
    func readTopology(after pause: Duration = .zero) {
        guard !self.isClosed else { return }
        guard !self.reading.isUnderWay else {
            self.reading.isWantedAgain = true
            return
        }
        let due = max(self.eventLoop.now + TimeAmount(pause), self.reading.earliest)
        if self.reading.timer != nil, self.reading.due <= due { return }
        self.reading.timer?.cancel()
        self.reading.due = due
        self.reading.timer = self.eventLoop.assumeIsolated().scheduleTask(deadline: due) {
            self.reading.timer = nil
            self.reading.isUnderWay = true
            self.reading.count += 1
            // The view of one node may be old: the next reading begins with another.
            let all = self.nodes.sorted { $0.key < $1.key }
            let start = all.isEmpty ? 0 : self.reading.count % all.count
            self.ask(all[start...] + all[..<start])
        }
    }

    /// Asks the nodes one after the other, until one answers.
    private func ask(_ nodes: ArraySlice<(key: RedisEndpoint, value: RedisBus)>, _ problem: String? = nil) {
        guard !self.isClosed else { return }
        guard let (address, node) = nodes.first else { return self.couldNotRead(problem) }
        node.core.withValue { books in
            books.send(RESPCommand("CLUSTER", "SLOTS")) { reply in
                switch reply {
                case .success(let answer):
                    if let topology = ClusterTopology(answer, from: address.host) {
                        self.take(topology)
                        return self.hasRead()
                    }
                    let reason = if case .error(let text) = answer { text } else { "no slots" }
                    self.ask(nodes.dropFirst(), "\(address) answered CLUSTER SLOTS with \(reason)")
                case .failure:
                    self.ask(nodes.dropFirst(), problem)
                }
            }
        }
    }

    /// - Parameter problem: What a node answered; nil when none could be asked, which their buses report.
    private func couldNotRead(_ problem: String?) {
        if let problem, self.reading.failures == 0 {
            self.logger.warning("Cannot read the slots of the Redis cluster", metadata: ["reason": "\(problem)"])
        }
        self.startSeeds()
        self.hasRead()
    }

    private func hasRead() {
        guard !self.isClosed else { return }
        self.reading.isUnderWay = false
        self.reading.earliest = self.eventLoop.now + TopologyReading.shortestPause
        let isWantedAgain = self.reading.isWantedAgain
        self.reading.isWantedAgain = false
        self.reading.failures = self.hasTrouble ? self.reading.failures + 1 : 0
        self.showStatus()
        if isWantedAgain {
            self.readTopology()
        } else if self.reading.failures > 0 {
            self.readTopology(
                after: self.configuration.backoff.pause(
                    afterAttempt: self.reading.failures, random: self.random()))
        }
    }
}
