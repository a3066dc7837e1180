import ArgumentParser
import Foundation
import RedisPubSub
import SubscriptionProtocols
import SubscriptionServer

@main
enum Main {
    static func main() async {
        // A reader of our output that is gone must not end the server.
        signal(SIGPIPE, SIG_IGN)
        Allocator.limitHeaps(to: ProcessInfo.processInfo.activeProcessorCount)
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            if var command = try Subcommands.command(arguments) {
                try await command.run()
                return
            }
            let settings = try Settings.read(arguments, environment: ProcessInfo.processInfo.environment)
            if settings.listMutants {
                for mutant in Misbehaviour.allCases {
                    print("\(mutant.name)\t\(mutant.summary)\t\(mutant.source)")
                }
                return
            }
            exit(try await Program(settings).run())
        } catch let error as Settings.UsageError {
            self.complain(error)
            exit(ExitCode.validationFailure.rawValue)
        } catch let code as ExitCode {
            exit(code.rawValue)
        } catch let error as TLSIdentity.Problem {
            self.complain(error)
            exit(error.isUnreadable ? EX_NOINPUT : EX_USAGE)
        } catch let error as RedisTLS.Problem {
            self.complain(error)
            exit(error.isUnreadable ? EX_NOINPUT : EX_USAGE)
        } catch let error as RealtimeServer.CannotListen {
            self.complain(error)
            exit(EX_UNAVAILABLE)
        } catch  where Settings.exitCode(for: error).isSuccess {
            // --help
            Settings.exit(withError: error)
        } catch {
            self.complain(error)
            exit(EX_SOFTWARE)
        }
    }

    private static func complain(_ error: any Error) {
        FileHandle.standardError.write(Data("reference-server: \(error)\n".utf8))
    }
}
