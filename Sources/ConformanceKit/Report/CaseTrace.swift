/// What a report shows of one play of a case: its lanes, and what happened on them in order.
package struct CaseTrace: Sendable, Equatable, Codable {
    /// Names of the lanes: connections, `events`, `redis`, `server` and `values`, in the order in which they first occur.
    package var lanes: [String]
    /// What happened, in order.
    package var marks: [Mark]
    /// How many marks were left out in the middle because there were too many.
    package var omitted: Int

    /// One thing that happened.
    package struct Mark: Sendable, Equatable, Codable {
        /// The number of the record.
        package var sequence: Int
        /// Nanoseconds since the case began.
        package var time: UInt64
        /// The index of the lane; `nil` for what concerns all of them.
        package var lane: Int?
        package var kind: Kind
        /// One line.
        package var label: String
        /// The bytes as text, at most 4 KiB of them; `nil` if there are none or they are no text.
        package var text: String?
        /// The bytes as hexadecimal digits, at most 512 of them; `nil` if they are text.
        package var hex: String?
        /// How many bytes there were, if some are left out.
        package var byteCount: Int?
        /// The name of the fault that begins, shows or ends here; `nil` for everything else.
        package var fault: String?
    }

    /// What a mark is.
    package enum Kind: String, Sendable, Codable {
        case sent, received, opened, ended, event, value, step, problem
        /// A fault is being brought about; a canary has seen it; it is being taken away; a canary was answered again.
        case fault, seen, heal, healed

        var isOfFault: Bool { [.fault, .seen, .heal, .healed].contains(self) }
    }

    /// The trace of a history.
    ///
    /// - Parameter limit: The highest number of marks, inclusive; the first, the last and those of faults are kept.
    package init(_ history: History, limit: Int = 400) {
        var builder = Builder(start: history.records.first?.time ?? 0)
        for record in history.records { builder.add(record) }
        let excess = max(0, builder.marks.count - limit)
        let middle = (limit / 2)..<(limit / 2 + excess)
        let kept = builder.marks.enumerated().filter { !middle.contains($0.offset) || $0.element.kind.isOfFault }
        self.lanes = builder.lanes
        self.marks = kept.map(\.element)
        self.omitted = builder.marks.count - kept.count
    }

    private struct Builder {
        let start: UInt64
        var lanes: [String] = []
        var marks: [Mark] = []
        /// The lane of each fault, by its name.
        private var faultLanes: [String: String] = [:]

        init(start: UInt64) { self.start = start }

        mutating func add(_ record: HistoryRecord) {
            if case .fault(let name, let phase, let detail) = record.event {
                self.add(name, phase, detail, record)
                return
            }
            guard let (kind, lane, label) = self.content(record) else { return }
            var mark = Mark(
                sequence: record.sequence, time: record.time - min(self.start, record.time),
                lane: lane.map { self.lane($0) }, kind: kind, label: label)
            if let bytes = RecordText.payload(record.event), !bytes.isEmpty {
                if let text = String(validating: bytes, as: UTF8.self) {
                    mark.text = String(text.prefix(4096))
                    mark.byteCount = text.utf8.count > 4096 ? bytes.count : nil
                } else {
                    mark.hex = Bytes.hex(bytes.prefix(512))
                    mark.byteCount = bytes.count > 512 ? bytes.count : nil
                }
            }
            self.marks.append(mark)
        }

        /// A fault of Redis or of the server has its mark on a lane of that name, one of links goes through all of them.
        private mutating func add(
            _ name: String, _ phase: HistoryRecord.FaultPhase, _ detail: String, _ record: HistoryRecord
        ) {
            if phase == .begins, let target = detail.split(separator: " ").last, target != "link" {
                self.faultLanes[name] = String(target)
            }
            let (kind, label): (Kind, String) =
                switch phase {
                case .begins: (.fault, "\(name): \(detail)")
                case .seen: (.seen, "\(name) is seen")
                case .heals: (.heal, "\(name) is taken away")
                case .healed: (.healed, "\(name) is over")
                }
            var mark = Mark(
                sequence: record.sequence, time: record.time - min(self.start, record.time),
                lane: self.faultLanes[name].map { self.lane($0) }, kind: kind, label: label)
            mark.fault = name
            self.marks.append(mark)
        }

        private mutating func lane(_ name: String) -> Int {
            if let index = self.lanes.firstIndex(of: name) { return index }
            self.lanes.append(name)
            return self.lanes.count - 1
        }

        private func content(_ record: HistoryRecord) -> (Kind, String?, String)? {
            switch record.event {
            case .caseStarted, .caseEnded, .stepsEnded, .expected: return nil
            case .stepStarted: return (.step, nil, record.step ?? "")
            case .emitting(let emission): return (.event, "events", "emit \(emission.name) on \(emission.topic)")
            case .emitted(_, let outcome, let detail):
                guard outcome != .ok else { return nil }
                return (.event, "events", "\(outcome.rawValue): \(detail)")
            case .observed(let source, let value):
                let lane = source.hasPrefix("redis") ? "redis" : "values"
                return (.value, lane, "\(source) = \(PatternMatcher.brief(value))")
            case .problem(_, let message): return (.problem, record.connection, message)
            case .fencePassed(let kind, _): return (.value, record.connection, "fence (\(kind))")
            default:
                guard let (arrow, text) = RecordText.traffic(record.event) else { return nil }
                return (Self.kind(record.event, isSent: arrow == "→"), record.connection ?? "-", text)
            }
        }

        private static func kind(_ event: HistoryRecord.Event, isSent: Bool) -> Kind {
            switch event {
            case .connecting: .opened
            case .ended, .dropped, .connectFailed, .unreadable: .ended
            default: isSent ? .sent : .received
            }
        }
    }
}
