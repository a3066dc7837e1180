import Foundation

/// Reads profiles, those that they extend, and their variants.
package enum ProfileLoader {
    /// The text of a file; `nil` if it cannot be read.
    package typealias Opening = @Sendable (String) -> String?

    /// The profile in the file at `path`.
    ///
    /// - Throws: `ProfileUnreadable` if there is no such file, `ScenarioErrors` with every mistake in it.
    package static func load(_ path: String) throws -> Profile {
        guard let text = self.contents(path) else { throw ProfileUnreadable(path: path) }
        return try self.read(text, file: path)
    }

    /// The profile in a text.
    ///
    /// - Parameter opening: Reads the profiles that this one names, by paths relative to the folder of `file`.
    package static func read(
        _ text: String, file: String, opening: Opening = Self.contents
    ) throws(ScenarioErrors) -> Profile {
        let read = try self.alone(text, file: file, opening: opening, below: [])
        var profile = read.profile
        guard let named = read.root["variants"], case .list(let items) = named.content else { return profile }
        for item in items {
            let other = try self.other(item, of: file, opening: opening, below: [file])
            let variant = try self.alone(other.text, file: other.file, opening: opening, below: [])
            guard case .command = variant.profile.start, variant.root["variants"] == nil else {
                throw self.mistake(item, file, "a variant starts its server by a command, and has no variants itself")
            }
            profile.variants.append(variant.profile)
        }
        let digests = ([profile.digest] + profile.variants.map(\.digest)).joined(separator: "\n")
        if !profile.variants.isEmpty { profile.digest = SHA256Text.digest(of: Array(digests.utf8)) }
        return profile
    }

    /// What the file at a path holds, as UTF-8.
    package static let contents: Opening = { path in
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// A profile with those that it extends, and without its variants.
    ///
    /// - Parameter outer: The profiles that led here, so that none leads back to itself.
    private static func alone(
        _ text: String, file: String, opening: Opening, below outer: [String]
    ) throws(ScenarioErrors) -> (profile: Profile, root: ScenarioNode) {
        let source = try self.source(text, file: file, opening: opening, below: outer)
        var parser = ProfileParser(file: file)
        let profile = parser.profile(source.root, digest: SHA256Text.digest(of: Array(source.texts.joined().utf8)))
        guard parser.reader.errors.isEmpty, let profile else {
            throw ScenarioErrors(errors: parser.reader.errors.sorted { ($0.line, $0.column) < ($1.line, $1.column) })
        }
        return (profile, source.root)
    }

    /// A profile over those that it extends, and the texts of all of them.
    private static func source(
        _ text: String, file: String, opening: Opening, below outer: [String]
    ) throws(ScenarioErrors) -> (root: ScenarioNode, texts: [String]) {
        let root: ScenarioNode
        do {
            root = try ScenarioYAML.read(text, file: file)
        } catch {
            throw ScenarioErrors(errors: [error])
        }
        guard let named = root["extends"] else { return (root, [text]) }
        let base = try self.other(named, of: file, opening: opening, below: outer + [file])
        // What is wrong in it is said with its own places.
        _ = try self.alone(base.text, file: base.file, opening: opening, below: outer + [file])
        let below = try self.source(base.text, file: base.file, opening: opening, below: outer + [file])
        let joined = ProfileOverlay.lay(root, over: below.root, at: named, except: ["extends", "variants"])
        return (joined, below.texts + [text])
    }

    /// A profile that another one names.
    private static func other(
        _ named: ScenarioNode, of file: String, opening: Opening, below outer: [String]
    ) throws(ScenarioErrors) -> (text: String, file: String) {
        guard case .value(.string(let name)) = named.content, !name.isEmpty else {
            throw self.mistake(named, file, "the path of a profile has to be a text")
        }
        let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
        let path = name.hasPrefix("/") ? name : folder + name
        guard !outer.contains(path), outer.count < 16 else {
            throw self.mistake(named, file, "\(name) leads back to itself")
        }
        guard let text = opening(path) else { throw self.mistake(named, file, "there is no profile at \(path)") }
        return (text, path)
    }

    private static func mistake(_ node: ScenarioNode, _ file: String, _ problem: String) -> ScenarioErrors {
        ScenarioErrors(errors: [
            ScenarioError(file: file, line: node.line, column: node.column, problem: problem, hint: "")
        ])
    }
}

/// There is no profile at this path, or it cannot be opened.
package struct ProfileUnreadable: Error, Sendable, CustomStringConvertible {
    /// The path as given.
    package var path: String

    package var description: String { "There is no profile at \(self.path)." }
}
