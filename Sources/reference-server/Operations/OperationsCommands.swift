import GraphQLCore
import ReferenceDomains
import Synchronization

/// What a client may ask for about one job or campaign. Owns the commands that are being carried out.
final class OperationsCommands: Sendable {
    private let works: Works
    private let kind: WorkKind
    private let id: String
    private let isMute: Bool
    /// The last of them; each waits for the one before, so that they are done in their order.
    private let last = Mutex<Task<Void, Never>?>(nil)

    /// - Parameter isMute: whether nobody is answered, which is done on purpose only.
    init(_ works: Works, _ kind: WorkKind, _ id: String, isMute: Bool = false) {
        self.isMute = isMute
        self.works = works
        self.kind = kind
        self.id = id
    }

    /// The commands, as messages name them.
    var names: [String] { WorkCommand.allCases.filter { $0.kind == self.kind }.map(\.rawValue) }

    func command(_ name: String) -> WorkCommand? {
        WorkCommand(rawValue: name).flatMap { $0.kind == self.kind ? $0 : nil }
    }

    /// Carries a command out, behind those before.
    /// - Parameter answer: Given `{"type":"ack",…}` or `{"type":"error",…}`.
    func perform(_ command: WorkCommand, by identity: Identity, answer: @escaping @Sendable (String) -> Void) {
        self.last.withLock { last in
            let before = last
            last = Task {
                await before?.value
                let text = await self.answer(to: command, by: identity)
                if !self.isMute { answer(text) }
            }
        }
    }

    /// The client has left. What it asked for is still done; nobody is told.
    func stop() {
        self.last.withLock { $0 = nil }
    }

    private func answer(to command: WorkCommand, by identity: Identity) async -> String {
        do {
            try await self.works.perform(command, on: self.id, by: identity)
            return JSONValue.object([
                "type": "ack", "command": .string(command.rawValue), self.kind.idKey: .string(self.id),
            ]).text
        } catch {
            let error = (error as? GraphQLError) ?? GraphQLError(message: "Internal server error")
            return JSONValue.object([
                "type": "error", "command": .string(command.rawValue),
                "code": error.extensions?["code"] ?? "INTERNAL", "message": .string(error.message),
            ]).text
        }
    }
}
