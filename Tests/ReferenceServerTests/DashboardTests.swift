import Foundation
import TestSupport
import Testing

/// Programs that may be there.
private enum Installed {
    static let browser = Executable.find("chromium") ?? Executable.find("chromium-browser")
    static let driver = Executable.find("chromedriver")
}

@Suite(
    "Pages in a browser",
    .enabled(
        if: Installed.browser != nil && Installed.driver != nil, "chromium or its driver is not installed: make setup"),
    .timeLimit(.minutes(5)))
struct DashboardTests {
    /// The pictures that are taken on the way.
    private static let pictures = [
        "dashboard-light", "dashboard-dark", "dashboard-narrow", "dashboard-reconnecting", "console-light",
        "console-dark", "console-narrow",
    ]

    @Test("The dashboard shows the streams, commands a job, and comes back; the console runs all transports")
    func pages() async throws {
        do {
            try PythonClient.prepare()
        } catch let missing as PythonClient.Missing {
            try Test.cancel("skipped, needs selenium from PyPI: \(missing)")
        }
        let folder = NSTemporaryDirectory() + "/dashboard-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let result = try await ClientScript.run(
            PythonClient.python, "dashboard.py",
            [ServerProcess.path, try #require(Installed.browser), try #require(Installed.driver), folder],
            within: .seconds(240))
        #expect(result.status == 0, "\(result.complaints)")
        #expect(result.lines == ["connected", "streams", "graphql", "job", "recovered", "console"])
        for name in Self.pictures {
            let size = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name).png")[.size] as? Int
            // An empty page of that size is smaller.
            #expect(try #require(size) > 20_000, "\(name)")
        }
    }
}
