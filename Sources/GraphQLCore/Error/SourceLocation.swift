/// A place in a document (GraphQL §7.1.2, "Errors"): line and column, both counted from 1.
///
/// Columns count Unicode code points. Values beyond 2^32 - 1 are clamped.
package struct SourceLocation: Sendable, Hashable, Comparable {
    private let storedLine: UInt32
    private let storedColumn: UInt32

    /// A location from a line and a column, both counted from 1.
    package init(line: Int, column: Int) {
        self.storedLine = UInt32(clamping: line)
        self.storedColumn = UInt32(clamping: column)
    }

    /// The line, counted from 1. LF, CR and CRLF end a line (§2.1.2).
    package var line: Int { Int(self.storedLine) }

    /// The column in Unicode code points, counted from 1.
    package var column: Int { Int(self.storedColumn) }

    package static func < (left: SourceLocation, right: SourceLocation) -> Bool {
        (left.storedLine, left.storedColumn) < (right.storedLine, right.storedColumn)
    }
}

extension SourceLocation: CustomStringConvertible {
    /// The text for people before it; nil without one.
    package var description: String { "\(self.line):\(self.column)" }
}
