import Foundation
import TestSupport
import Testing

/// The commands of docs/auth.md, as a reader would run them.
@Suite("The page on tokens", .timeLimit(.minutes(2)))
struct AuthPageTests {
    @Test(
        "Its example does what it says",
        .enabled(if: Executable.find("curl") != nil && Executable.find("sh") != nil, "curl is not installed"))
    func example() throws {
        let page = try String(
            contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("docs/auth.md"), encoding: .utf8)
        let start = try #require(page.firstRange(of: "```sh\n"))
        let end = try #require(page[start.upperBound...].firstRange(of: "```"))
        let script = String(page[start.upperBound..<end.lowerBound])
        let folder = try AuthTests.Folder()
        let port = try Executable.freePort()
        let binaries = URL(fileURLWithPath: ServerProcess.path).deletingLastPathComponent().path
        let shell = try #require(Executable.find("sh"))
        // `--json` came with curl 7.82; the page may assume it, the machine may not have it.
        let commands = script.replacing(":4000", with: ":\(port)").replacing("--port 4000", with: "--port \(port)")
            .replacing("--json", with: "-H 'Content-Type: application/json' -d")
        let (status, output, errors) = try Executable.run(
            shell, ["-c", "cd '\(folder.path)' && PATH='\(binaries)':$PATH\n" + commands])
        #expect(status == 0, "\(errors)")
        // What the comments below the requests promise.
        let promised = script.split(separator: "\n").filter { $0.hasPrefix("# {") }.map { String($0.dropFirst(2)) }
        #expect(promised.count == 2)
        for line in promised { #expect(output.contains(line), "\(output)") }
    }
}
