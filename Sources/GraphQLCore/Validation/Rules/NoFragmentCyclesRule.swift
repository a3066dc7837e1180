/// GraphQL §5.5.2.2: no fragment spreads itself, directly or through others.
enum NoFragmentCyclesRule: ValidationRule {
    static let name = "NoFragmentCyclesRule"

    static func check(_ context: ValidationContext) {
        var search = CycleSearch(context: context)
        for place in context.fragments.indices {
            if context.isFull { return }
            search.search(from: place)
        }
    }

    /// A depth first search over fragments with a stack of its own: a chain may be as long as the document.
    private struct CycleSearch {
        private struct Step {
            let fragment: Int
            var nextSpread = 0
        }

        let context: ValidationContext
        private var visited: Set<String> = []
        private var steps: [Step] = []
        /// The spreads that lead from each step to the next.
        private var path: [FragmentSpreadNode] = []
        /// By name: where a fragment that is being searched stands in `steps`.
        private var placeInPath: [String: Int] = [:]

        init(context: ValidationContext) {
            self.context = context
        }

        mutating func search(from fragment: Int) {
            self.enter(fragment)
            while let step = self.steps.last {
                let spreads = self.context.fragments[step.fragment].body.spreads
                guard step.nextSpread < spreads.count, !self.context.isFull else {
                    self.leave()
                    continue
                }
                self.steps[self.steps.count - 1].nextSpread += 1
                self.follow(spreads[step.nextSpread])
            }
        }

        private mutating func follow(_ spread: FragmentSpreadNode) {
            let name = spread.name.value
            if let place = self.placeInPath[name] {
                self.report(Array(self.path[place...]) + [spread])
            } else if let fragment = self.context.fragmentPlaces[name] {
                let depth = self.steps.count
                self.enter(fragment)
                if self.steps.count > depth { self.path.append(spread) }
            }
        }

        private mutating func enter(_ fragment: Int) {
            let name = self.context.fragments[fragment].node.name.value
            guard self.visited.insert(name).inserted else { return }
            self.placeInPath[name] = self.steps.count
            self.steps.append(Step(fragment: fragment))
        }

        private mutating func leave() {
            guard let step = self.steps.popLast() else { return }
            self.placeInPath[self.context.fragments[step.fragment].node.name.value] = nil
            _ = self.path.popLast()
        }

        private func report(_ cycle: [FragmentSpreadNode]) {
            let via = cycle.dropLast().map { "\"\($0.name.value)\"" }.joined(separator: ", ")
            let name = cycle.last?.name.value ?? ""
            self.context.report(
                NoFragmentCyclesRule.self,
                "Cannot spread fragment \"\(name)\" within itself" + (via.isEmpty ? "." : " via \(via)."),
                cycle.map(\.location))
        }
    }
}
