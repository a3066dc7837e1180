/// A number of bytes as people write it: `4MiB`, `64KiB`, `1048576`.
enum ByteSize {
    /// Reads a size of 1 byte to 1 GiB.
    static func parse(_ text: String) throws -> Int {
        let units = [("GiB", 30), ("MiB", 20), ("KiB", 10), ("B", 0), ("", 0)]
        for (unit, shift) in units where text.hasSuffix(unit) {
            let digits = text.dropLast(unit.count)
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits),
                (1...(1 << (30 - shift))).contains(number)
            else { break }
            return number << shift
        }
        throw Unusable("expected a size from 1B to 1GiB, such as 65536, 64KiB or 4MiB")
    }
}

/// A value that cannot be used, and what was expected.
struct Unusable: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
