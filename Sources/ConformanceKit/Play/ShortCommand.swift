import Foundation
import NIOPosix

/// Runs a program that ends soon.
enum ShortCommand {
    /// Its exit status and what it printed, white space around it removed; nil if it did not start or end in time.
    static func run(_ words: [String], within limit: Duration) async -> (status: Int32, text: String)? {
        guard let program = words.first else { return nil }
        return try? await NIOThreadPool.singleton.runIfActive { self.runBlocking(program, words, limit) }
    }

    private static func runBlocking(
        _ program: String, _ words: [String], _ limit: Duration
    ) -> (status: Int32, text: String)? {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: program.contains("/") ? program : "/usr/bin/env")
        process.arguments = program.contains("/") ? Array(words.dropFirst()) : words
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        // One that never ends is ended, so that reading its output ends as well.
        let timer = DispatchSource.makeTimerSource()
        timer.schedule(deadline: .now() + .milliseconds(limit.wholeMilliseconds))
        timer.setEventHandler { process.terminate() }
        timer.activate()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        timer.cancel()
        guard process.terminationReason == .exit else { return nil }
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        return (process.terminationStatus, text)
    }
}
