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
    private var open: (y: Int, label: String)?

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
        self.closeBand()
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
        switch mark.kind {
        case .fault:
            self.closeBand()
            self.open = (self.y - 12, mark.label)
        case .heal: self.closeBand()
        default: break
        }
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
        default: mark.label
        }
    }

    private mutating func closeBand() {
        guard let band = self.open else { return }
        self.open = nil
        self.bands.append([
            "y": band.y, "height": self.y - band.y, "label": band.label,
            "width": max(1, self.trace.lanes.count) * self.laneWidth, "x": Self.timeWidth, "textY": band.y + 11,
        ])
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
