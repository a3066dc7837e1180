import ArgumentParser
import ConformanceKit
import Foundation

/// Where the scenarios are.
struct SuiteOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder of the scenarios; `conformance` here, or the one that was built with this program.",
            valueName: "folder"))
    var suite = Self.defaultFolder

    /// `conformance` in the working directory or, if there is none, the nearest above the program.
    static let defaultFolder: String = {
        func isSuite(_ path: String) -> Bool {
            FileManager.default.fileExists(atPath: path + "/requirements")
        }
        if isSuite("conformance") { return "conformance" }
        var folder = (Here.executable as NSString).deletingLastPathComponent
        while folder.count > 1 {
            if isSuite(folder + "/conformance") { return folder + "/conformance" }
            folder = (folder as NSString).deletingLastPathComponent
        }
        return "conformance"
    }()

    /// The folder as a line that plays a case again has to name it; `nil` for the default.
    var given: String? { self.suite == Self.defaultFolder ? nil : self.suite }

    /// Every scenario of the suite.
    func scenarios() throws -> [Scenario] {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: self.suite, isDirectory: &isDirectory), isDirectory.boolValue
        else {
            throw UsageError(
                message:
                    "There is no folder \(self.suite). Run in the root of the project, or give the folder to --suite.")
        }
        return try ScenarioLoader.load(directory: self.suite)
    }

    /// Every case of the suite.
    func cases() throws -> [ExpandedCase] {
        try self.scenarios().flatMap { $0.expanded() }
    }
}

/// Which server.
struct ProfileOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The profile of the server.", valueName: "file"))
    var profile: String?

    @Option(
        help: ArgumentHelp(
            "The Redis of the server; the profile's `redis.url` by default, or one that the run starts.",
            valueName: "url"))
    var redis: String?

    /// The profile; says on standard error what it holds to no effect.
    func load() throws -> Profile {
        guard let path = self.profile else {
            throw UsageError(message: "Which server? Give --profile FILE. \(Console.profileHint)")
        }
        var profile = try ProfileLoader.load(path)
        if let url = self.redis {
            guard Target.RedisAddress(url: url) != nil else {
                throw UsageError(message: "\(url) is no Redis URL: it has to look like redis://127.0.0.1:6379/0.")
            }
            profile.redisURL = url
            for index in profile.variants.indices { profile.variants[index].redisURL = url }
        }
        for notice in profile.notices { Console.complain("note: \(notice.description)") }
        return profile
    }

    @Option(
        help: ArgumentHelp(
            "The known failures of the server; the profile's `expectations` by default.", valueName: "file"))
    var expect: String?

    /// The known failures that the profile or the user names; a path in the profile begins at the profile's folder.
    func knownFailures(_ profile: Profile) throws -> KnownFailures? {
        if let path = self.expect { return try KnownFailures.load(path) }
        guard let path = profile.expectations else { return nil }
        let folder = (profile.file as NSString).deletingLastPathComponent
        return try KnownFailures.load(
            path.hasPrefix("/") || folder.isEmpty ? path : (folder as NSString).appendingPathComponent(path))
    }
}

/// The environment and the paths of this process.
enum Here {
    /// The path of this program.
    static let executable: String =
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]

    /// The environment of this process.
    static let environment = ProcessInfo.processInfo.environment
}
