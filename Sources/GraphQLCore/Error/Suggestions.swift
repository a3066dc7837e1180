/// Hints for names that were probably misspelt, as the reference implementation gives them.
package enum Suggestions {
    /// The most names that a hint lists.
    private static let most = 5

    /// A sentence to append to a message, such as ` Did you mean "name" or "game"?`; empty when no candidate is near.
    ///
    /// - Parameter kind: what the names are, put before them.
    package static func hint(for name: String, among candidates: [String], kind: String? = nil) -> String {
        self.hint(self.nearest(to: name, among: candidates), kind: kind)
    }

    /// A sentence that lists names which are known to fit.
    package static func hint(_ names: [String], kind: String? = nil) -> String {
        guard let last = names.prefix(self.most).last else { return "" }
        let quoted = names.prefix(self.most).dropLast().map { "\"\($0)\"" }
        let list: String
        switch quoted.count {
        case 0: list = "\"\(last)\""
        case 1: list = "\(quoted[0]) or \"\(last)\""
        default: list = quoted.joined(separator: ", ") + ", or \"\(last)\""
        }
        return " Did you mean \(kind.map { $0 + " " } ?? "")\(list)?"
    }

    /// The candidates within a distance that grows with the name, nearest first.
    static func nearest(to name: String, among candidates: [String]) -> [String] {
        let input = Array(name.utf8)
        let limit = Int(Double(input.count) * 0.4) + 1
        var distances: [String: Int] = [:]
        for candidate in candidates {
            distances[candidate] = self.distance(input, Array(candidate.utf8), limit: limit)
        }
        return distances.sorted { left, right in
            left.value != right.value ? left.value < right.value : self.naturalOrder(left.key, right.key)
        }.map(\.key)
    }

    /// How many edits (insertion, deletion, substitution, swap of neighbours) turn one name into the other; a change of
    /// case alone counts as one. Nil when there are more than the limit.
    static func distance(_ first: [UInt8], _ second: [UInt8], limit: Int) -> Int? {
        if first == second { return 0 }
        var long = first.map(self.lowercase)
        var short = second.map(self.lowercase)
        if long == short { return 1 }
        if long.count < short.count { swap(&long, &short) }
        guard long.count - short.count <= limit else { return nil }

        var beforeLast = [Int](repeating: 0, count: short.count + 1)
        var last = Array(0...short.count)
        var current = beforeLast
        for row in 1...long.count {
            current[0] = row
            var smallest = row
            for column in stride(from: 1, through: short.count, by: 1) {
                let substitution = last[column - 1] + (long[row - 1] == short[column - 1] ? 0 : 1)
                var cell = min(last[column] + 1, current[column - 1] + 1, substitution)
                if row > 1, column > 1, long[row - 1] == short[column - 2], long[row - 2] == short[column - 1] {
                    cell = min(cell, beforeLast[column - 2] + 1)
                }
                current[column] = cell
                smallest = min(smallest, cell)
            }
            if smallest > limit { return nil }
            (beforeLast, last, current) = (last, current, beforeLast)
        }
        return last[short.count] <= limit ? last[short.count] : nil
    }

    /// Whether one name comes before the other when runs of digits compare as numbers.
    static func naturalOrder(_ left: String, _ right: String) -> Bool {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        var leftPlace = 0
        var rightPlace = 0
        while leftPlace < left.count, rightPlace < right.count {
            let leftDigits = left[leftPlace...].prefix(while: Lexer.isDigit)
            let rightDigits = right[rightPlace...].prefix(while: Lexer.isDigit)
            if leftDigits.isEmpty || rightDigits.isEmpty {
                if left[leftPlace] != right[rightPlace] { return left[leftPlace] < right[rightPlace] }
                leftPlace += 1
                rightPlace += 1
                continue
            }
            let leftNumber = leftDigits.drop { $0 == UInt8(ascii: "0") }
            let rightNumber = rightDigits.drop { $0 == UInt8(ascii: "0") }
            if leftNumber.count != rightNumber.count { return leftNumber.count < rightNumber.count }
            if !leftNumber.elementsEqual(rightNumber) { return leftNumber.lexicographicallyPrecedes(rightNumber) }
            if leftDigits.count != rightDigits.count { return leftDigits.count > rightDigits.count }
            leftPlace = leftDigits.endIndex
            rightPlace = rightDigits.endIndex
        }
        return left.count - leftPlace < right.count - rightPlace
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
