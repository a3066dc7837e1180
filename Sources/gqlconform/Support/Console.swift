import ArgumentParser
import ConformanceKit
import Foundation

/// Where the tool writes, and how it ends.
enum Console {
    /// Results go to standard output.
    static func print(_ text: String) {
        self.write(text + "\n", to: STDOUT_FILENO)
    }

    /// Text without a line end, to standard output.
    static func write(_ text: String) {
        self.write(text, to: STDOUT_FILENO)
    }

    /// What went wrong goes to standard error.
    static func complain(_ text: String) {
        self.write(text + "\n", to: STDERR_FILENO)
    }

    /// Whether standard output is a terminal.
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Runs the body; says what went wrong and ends with the exit code that belongs to it.
    static func reporting<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as ScenarioErrors {
            for mistake in error.errors { self.complain("error: \(mistake.description)") }
            throw RunExit.invalidInput.code
        } catch let error as UnmatchedPatterns {
            self.complain("error: \(error.description)")
            throw RunExit.usage.code
        } catch let error as ProfileUnreadable {
            self.complain("error: \(error.description) \(Self.profileHint)")
            throw RunExit.usage.code
        } catch let error as UsageError {
            self.complain("error: \(error.message)")
            throw RunExit.usage.code
        } catch let error as HarnessError {
            self.complain("error: \(error.description)")
            throw RunExit.harness.code
        }
    }

    static let profileHint =
        "A profile describes the server; `gqlconform init --url URL --out FILE` writes a first one of a server that runs."

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// The command line asks for something that is not there.
struct UsageError: Error {
    var message: String
}

extension RunExit {
    /// The exit code as the argument parser throws it.
    var code: ExitCode { ExitCode(self.rawValue) }
}
