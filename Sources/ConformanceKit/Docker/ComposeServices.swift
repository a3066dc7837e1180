/// The services of a compose file under a project of the run's own, so that they meet nobody else's.
package final class ComposeServices: Sendable {
    private let command: [String]
    private let project: String
    private let file: String
    private let setting: TestBed.Setting
    private let log: LogCapture

    private init(command: [String], file: String, setting: TestBed.Setting) {
        self.command = command
        self.file = file
        self.setting = setting
        self.project = "gqlconform-" + String(UInt32.random(in: 0 ... .max), radix: 36)
        self.log = LogCapture(path: setting.logDirectory.map { $0 + "/compose.log" })
    }

    /// Builds and starts the services.
    ///
    /// - Parameter file: The path of the compose file as the profile gives it, from the profile's folder on.
    package static func up(file: String, setting: TestBed.Setting) async throws(HarnessError) -> ComposeServices {
        let services = ComposeServices(command: try await self.program(setting), file: file, setting: setting)
        guard await services.run(["up", "--detach"]) else {
            let error = HarnessError("The services of \(file) did not start.", logTail: services.log.tail())
            await services.down()
            throw error
        }
        return services
    }

    /// The id of the container of a service.
    package func container(
        of service: String, engine: DockerEngine, tools: String?
    ) async throws(HarnessError) -> DockerContainer {
        let labels = ["com.docker.compose.project=\(self.project)", "com.docker.compose.service=\(service)"]
        let found: [String]
        do {
            found = try await engine.containers(labels: labels)
        } catch {
            throw HarnessError(error.message)
        }
        guard let id = found.first else {
            throw HarnessError("\(self.file) has no service \(service) that runs.", logTail: self.log.tail())
        }
        return DockerContainer(id, engine: engine, tools: tools)
    }

    /// Ends the services and removes what was made for them, volumes too.
    package func down() async {
        _ = await self.run(["logs", "--no-color"])
        _ = await self.run(["down", "--volumes", "--timeout", "2"])
    }

    private func run(_ words: [String]) async -> Bool {
        let arguments = self.command + ["--project-name", self.project, "--file", self.file] + words
        let child = try? await ChildProcess.start(
            ChildCommand(arguments: arguments, environment: self.setting.environment, grace: .seconds(5)),
            log: self.log, guardExecutable: self.setting.gqlconform)
        return await child?.waitForExit() == .code(0)
    }

    /// The plugin of the engine's command where there is one, else the program of its own.
    private static func program(_ setting: TestBed.Setting) async throws(HarnessError) -> [String] {
        let path = setting.environment["PATH"] ?? ""
        if let docker = ExecutableSearch.find("docker", searchPath: path) {
            let probe = try await ChildProcess.start(
                ChildCommand(
                    arguments: [docker, "compose", "version"], environment: setting.environment, grace: .seconds(1)),
                log: LogCapture(path: nil), guardExecutable: setting.gqlconform)
            if await probe.waitForExit() == .code(0) { return [docker, "compose"] }
        }
        if let compose = ExecutableSearch.find("docker-compose", searchPath: path) { return [compose] }
        throw HarnessError("Neither `docker compose` nor docker-compose can be found: install one and run again.")
    }
}
