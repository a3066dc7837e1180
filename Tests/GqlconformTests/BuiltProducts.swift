import Foundation

/// Where the executables under test are: beside the test bundle.
enum BuiltProducts {
    /// The directory of the build products.
    static let directory = Bundle.main.bundleURL.path

    /// The path of `gqlconform`.
    static var gqlconform: String { self.directory + "/gqlconform" }

    /// The path of `reference-server`.
    static var referenceServer: String { self.directory + "/reference-server" }
}
