/// Finds what was perhaps meant.
enum Suggestion {
    /// The candidate nearest to a misspelled word, or nil when none is near: at most a third of its letters differ.
    static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let distance = self.distance(Array(word.lowercased()), Array(candidate.lowercased()))
            if distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        guard let best, best.distance <= max(1, min(word.count, best.candidate.count) / 3 + 1) else { return nil }
        return best.candidate
    }

    /// `did you mean `x`?`, or the whole list when nothing is near.
    static func hint(for word: String, among candidates: [String]) -> String {
        if let nearest = self.nearest(to: word, among: candidates) { return "did you mean `\(nearest)`?" }
        guard !candidates.isEmpty else { return "" }
        return "known: " + candidates.sorted().joined(separator: ", ")
    }

    /// Letters to insert, remove, replace or swap with their neighbour.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var older: [Int] = []
        var previous = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(
                    previous[column + 1] + 1, current[column] + 1, previous[column] + (letter == other ? 0 : 1))
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    cost = min(cost, older[column - 1] + 1)
                }
                current.append(cost)
            }
            older = previous
            previous = current
        }
        return previous[right.count]
    }
}
