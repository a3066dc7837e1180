/// Lays a trace out as a picture: a column for each lane, time from top to bottom, a band for each fault.
struct TimelineModel {
    private static let top = 34
    private static let row = 20
    private static let timeWidth = 64

    private let trace: CaseTrace
    private let laneWidth: Int
    private var y = Self.top + 14
    private var rows: [[String: Any]] = []
    private var gaps: [[String: Any]] = []
    private var bands: [[String: Any]] = []
    /// The parts of faults that have not ended, by the name of the fault.
    private var open: [String: OpenBand] = [:]

    private struct OpenBand {
        var y: Int
        var label: String
        var lane: Int?
        /// Whether a canary has seen it, so that it holds.
        var isSeen: Bool
    }

    /// The values of the template `timeline`.
    static func values(_ trace: CaseTrace) -> [String: Any] {
        var model = TimelineModel(trace)
        return model.make()
    }

    private init(_ trace: CaseTrace) {
        self.trace = trace
        self.laneWidth = trace.lanes.count <= 1 ? 640 : trace.lanes.count == 2 ? 400 : 280
    }

    private func x(_ lane: Int) -> Int { Self.timeWidth + lane * self.laneWidth + 12 }

    private mutating func make() -> [String: Any] {
        var last: UInt64 = 0
        for mark in self.trace.marks {
            if mark.time > last + 400_000_000 { self.gap(mark.time - last) }
            last = mark.time
            self.add(mark)
        }
        for name in self.open.keys.sorted() { self.close(name) }
        let width = Self.timeWidth + max(1, self.trace.lanes.count) * self.laneWidth + 8
        let height = self.y + 10
        return [
            "width": width, "height": height, "bottom": height - 6,
            "lanes": self.trace.lanes.enumerated().map { ["x": self.x($0.offset), "name": $0.element] },
            "rows": self.rows, "gaps": self.gaps, "bands": self.bands,
        ]
    }

    private mutating func gap(_ nanoseconds: UInt64) {
        self.gaps.append(["y": self.y + 2, "text": "\(ReportNumber.seconds(Double(nanoseconds) / 1e9)) later"])
        self.y += Self.row
    }

    private mutating func add(_ mark: CaseTrace.Mark) {
        if let name = mark.fault { self.takeFault(name, mark) }
        let x = mark.lane.map(self.x) ?? Self.timeWidth
        var row: [String: Any] = [
            "y": self.y, "x": x, "dotY": self.y - 4, "textX": x + 12,
            "time": ReportNumber.milliseconds(mark.time), "kind": mark.kind.rawValue,
            "label": Self.cut(self.text(mark), to: self.characters(of: mark)), "number": mark.sequence,
        ]
        if mark.kind == .step { row["isStep"] = true }
        self.rows.append(row)
        self.y += Self.row
    }

    private func text(_ mark: CaseTrace.Mark) -> String {
        switch mark.kind {
        case .sent: "→ \(mark.label)"
        case .received: "← \(mark.label)"
        case .ended: "✕ \(mark.label)"
        case .step: String(mark.label.split(separator: "/").last ?? "")
        case .fault, .seen: "⚡ \(mark.label)"
        default: mark.label
        }
    }

    /// A fault has three parts: while it is brought about, while it holds, and while it is taken away.
    private mutating func takeFault(_ name: String, _ mark: CaseTrace.Mark) {
        let label = self.open[name]?.label ?? mark.label
        self.close(name)
        guard mark.kind != .healed else { return }
        self.open[name] = OpenBand(y: self.y - 12, label: label, lane: mark.lane, isSeen: mark.kind == .seen)
    }

    private mutating func close(_ name: String) {
        guard let band = self.open.removeValue(forKey: name) else { return }
        var values: [String: Any] = [
            "y": band.y, "height": max(2, self.y - 12 - band.y), "x": Self.timeWidth,
            "width": max(1, self.trace.lanes.count) * self.laneWidth, "kind": band.isSeen ? "holds" : "edge",
        ]
        if band.isSeen {
            values["label"] = band.label
            values["labelX"] = Self.timeWidth + max(1, self.trace.lanes.count) * self.laneWidth - 6
            values["textY"] = band.y + 12
        }
        // The lane of what is harmed is filled as well.
        if let lane = band.lane { values["strip"] = self.x(lane) - 5 }
        self.bands.append(values)
    }

    private func characters(of mark: CaseTrace.Mark) -> Int {
        mark.kind == .step ? 60 : self.laneWidth / 7 - 3
    }

    private static func cut(_ text: String, to count: Int) -> String {
        text.count <= count ? text : text.prefix(count - 1) + "…"
    }
}

/// Numbers as reports show them.
enum ReportNumber {
    /// `12.3 s`, or `45 ms` below a second.
    static func seconds(_ value: Double) -> String {
        guard value >= 1 else { return "\(Int((value * 1000).rounded())) ms" }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }

    /// Nanoseconds as seconds with three places.
    static func milliseconds(_ nanoseconds: UInt64) -> String {
        let whole = nanoseconds / 1_000_000
        let rest = String(whole % 1000)
        return "\(whole / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }
}
