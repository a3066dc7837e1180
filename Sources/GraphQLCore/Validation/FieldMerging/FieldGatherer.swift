/// Gathers the fields that meet in one object of the response.
struct FieldGatherer {
    private let context: ValidationContext
    /// By place of the fragment: the number of the last collection that it was part of.
    private var lastCollection: [Int]
    private var collection = 0
    /// By response name: the number of the last grouping that had it, and its group there.
    private var lastGrouping: [Int]
    private var groupPlaces: [Int]
    private var grouping = 0

    init(context: ValidationContext) {
        self.context = context
        self.lastCollection = Array(repeating: 0, count: context.fragments.count)
        self.lastGrouping = Array(repeating: 0, count: context.responseNameCount)
        self.groupPlaces = Array(repeating: 0, count: context.responseNameCount)
    }

    /// The fields of selection sets and of the fragments spread in them, each fragment once.
    mutating func fields(of sets: [Int]) -> [Int] {
        self.collection += 1
        var fields: [Int] = []
        var open = sets
        var next = 0
        while next < open.count {
            let set = self.context.selectionSets[open[next]]
            next += 1
            fields += set.fields
            for name in set.spreads {
                guard let place = self.context.fragmentPlaces[name], self.lastCollection[place] != self.collection
                else { continue }
                self.lastCollection[place] = self.collection
                open.append(self.context.fragments[place].body.selectionSet)
            }
        }
        // One order for the same fields lets equal objects be recognised.
        fields.sort()
        return fields
    }

    /// The fields by response name.
    mutating func groups(of fields: [Int]) -> [[Int]] {
        self.grouping += 1
        var groups: [[Int]] = []
        for field in fields {
            let name = self.context.fields[field].responseName
            if self.lastGrouping[name] == self.grouping {
                groups[self.groupPlaces[name]].append(field)
            } else {
                self.lastGrouping[name] = self.grouping
                self.groupPlaces[name] = groups.count
                groups.append([field])
            }
        }
        return groups
    }
}
