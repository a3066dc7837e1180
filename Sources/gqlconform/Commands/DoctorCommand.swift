import ArgumentParser
import ConformanceKit
import Foundation

/// `gqlconform doctor`: whether a profile fits its server.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "See in six steps whether a profile fits its server, before it is judged.",
        discussion: "Exit codes: 0 it does; 3 it does not; 65 the profile is invalid.")

    @OptionGroup var profile: ProfileOptions

    @Option(help: "The URL of a server that already runs.")
    var url: String?

    func run() async throws {
        let exit = try await Console.reporting { try await self.examine() }
        guard exit == .good else { throw exit.code }
    }

    private func examine() async throws -> RunExit {
        let profile = try self.profile.load()
        let url = self.url
        return try await Interruptible.run { _ in
            let http = HTTPClient(threads: 1)
            let bed = try await TestBed.start(
                profile, setting: Here.setting(logDirectory: nil), attach: url, http: http)
            if bed.servers.isEmpty {
                do {
                    try await FirstContact(bed.target, note: { Console.complain($0) }).make()
                } catch {
                    await bed.stop()
                    await http.shutdown()
                    throw error
                }
            }
            let isWell = await Doctor(profile, bed.target).examine { finding in
                let name = finding.step.rawValue.padding(toLength: 15, withPad: " ", startingAt: 0)
                Console.print("\(name) \(finding.outcome.rawValue): \(finding.text)")
                if !finding.hint.isEmpty { Console.print("  look at \(finding.hint)") }
                for line in finding.wire { Console.print("  \(line)") }
            }
            await bed.stop()
            await http.shutdown()
            Console.print(
                isWell
                    ? "The profile fits the server."
                    : "The profile does not fit the server, or the server is not ready.")
            return isWell ? .good : .harness
        }
    }
}
