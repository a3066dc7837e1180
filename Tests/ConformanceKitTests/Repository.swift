import Foundation

/// The files of this package.
enum Repository {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The path of a file, given from the root of the package.
    static func path(_ relative: String) -> String {
        self.root.appendingPathComponent(relative).path
    }
}
