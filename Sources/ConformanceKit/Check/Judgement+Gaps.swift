extension Judgement {
    // MARK: Losses and faults

    /// An event that was emitted earlier than so many nanoseconds before a fault has arrived by then.
    private static var mostUnderWay: UInt64 { 1_000_000_000 }

    /// Events may be lost between the beginning of a fault and a margin behind its end, and at no other time. With
    /// `until: delivery` there is no margin: the first event from behind the fault that a subscription delivers ends its
    /// gap.
    mutating func checkGaps(_ request: CheckRequest) {
        // Steps that ended early did not wait for what was emitted last.
        guard self.stepsEnd != .aborted else { return }
        let name = request.options["window"]?.plainText ?? "fault"
        guard let fault = self.state.faults.first(where: { $0.name == name }), fault.seen != nil,
            let healed = fault.healed
        else {
            self.add(self.finding(request, .inconclusive, "the fault `\(name)` was not both seen and healed", ""))
            return
        }
        let margin = request.options["margin"]?.stringValue.flatMap { DurationText.nanoseconds($0) } ?? 2_000_000_000
        let endsWithDelivery = request.options["until"] != nil
        var before = 0
        var after = 0
        for delivery in self.deliveries() {
            let lost = self.lost(on: delivery, request)
            let first = endsWithDelivery ? lost.delivered.first { $0 > healed } : nil
            let window = fault.began...(endsWithDelivery ? first.map { $0 - 1 } ?? .max : healed + margin)
            before += lost.delivered.count { $0 < window.lowerBound }
            after += lost.delivered.count { $0 > window.upperBound }
            // What was under way when the fault came is lost in it: nothing that was emitted later came before it either.
            let lastBefore = lost.delivered.last { $0 < window.lowerBound } ?? 0
            let outside = lost.missing.filter { event in
                let isUnderWay = event.time > lastBefore && event.time + Self.mostUnderWay >= window.lowerBound
                return !window.contains(event.time) && !(event.time < window.lowerBound && isUnderWay)
            }
            guard let first = outside.first else { continue }
            let behind = endsWithDelivery ? "when events had come again" : "after it had been over for the margin"
            let when = first.time < window.lowerBound ? "before the fault" : behind
            self.add(
                self.finding(
                    request, .fail,
                    "\(outside.count) events are missing on \(delivery.connection)/\(delivery.id) that were emitted \(when)",
                    "missing events: \(first.nonce)", connection: delivery.connection))
        }
        // A stream that delivered nothing outside the window shows no gap in it.
        if before == 0 || after == 0, !self.reasons.contains(where: { $0.check == request.name }) {
            self.add(
                self.finding(
                    request, .inconclusive, "\(before) events came from before the fault and \(after) from after it", ""
                ))
        }
    }

    /// The events of a subscription's topics that came and that did not, by the time of their emission; only those that
    /// were emitted with success while the subscription was live.
    private func lost(
        on delivery: Deliveries, _ request: CheckRequest
    ) -> (delivered: [UInt64], missing: [(nonce: String, time: UInt64)]) {
        guard let connection = self.state.connections[delivery.connection] else { return ([], []) }
        let topics = self.topics(delivery)
        let names = self.names(request)
        let live = connection.items.first {
            $0.hasID(delivery.id) && ($0.isProbe || $0.type == "next" || $0.type == "data")
        }
        let end = connection.items.last { $0.hasID(delivery.id) && ["complete", "error"].contains($0.type) }?.time
        let left = connection.sent.last { $0.id == delivery.id && ["complete", "stop"].contains($0.type) }?.sequence
        let came = Set(delivery.nonces.map(\.nonce))
        var delivered: [UInt64] = []
        var missing: [(nonce: String, time: UInt64)] = []
        for nonce in self.state.emissionOrder {
            guard let event = self.state.emissions[nonce], event.outcome == .ok,
                !event.emission.name.hasPrefix("~"), topics.contains(event.emission.topic),
                names?.contains(event.emission.name) ?? true, let live, event.time >= live.time,
                event.time < end ?? .max, event.sequence < left ?? .max, event.sequence < connection.leftAt ?? .max
            else { continue }
            if came.contains(nonce) { delivered.append(event.time) } else { missing.append((nonce, event.time)) }
        }
        return (delivered, missing)
    }

    // MARK: Memory

    /// The resident memory of the server at the end of the case is not far above that at its beginning.
    mutating func checkMemory(_ request: CheckRequest) {
        let limit = request.options["growth"].flatMap { DurationText.bytes($0.plainText) } ?? 64 << 20
        guard let first = self.state.firstObserved[ValueSource.memoryLabel]?.doubleValue,
            let last = self.state.observations[ValueSource.memoryLabel]?.value.doubleValue
        else {
            self.add(self.finding(request, .unsupported, "the memory of the server cannot be looked at from here", ""))
            return
        }
        guard last - first > Double(limit) else { return }
        let grown = Int(last - first) >> 20
        self.add(
            self.finding(
                request, .fail, "the server kept \(grown) MiB more than at the beginning", "memory: \(grown) MiB more"))
    }
}
