import ArgumentParser
import ConformanceKit
import Foundation

/// The start of the program.
@main enum Entry {
    /// A guard stays on the main thread of a process without other threads: the signals that it waits for are blocked
    /// in this thread only, and its child lives as long as the thread that started it.
    @MainActor static func main() async {
        if CommandLine.arguments.dropFirst().first == GuardCommand.name {
            GuardCommand.main(Array(CommandLine.arguments.dropFirst(2)))
            return
        }
        // A peer that has gone is an error of the write, not the end of the run.
        _ = signal(SIGPIPE, SIG_IGN)
        await Gqlconform.main()
    }
}
