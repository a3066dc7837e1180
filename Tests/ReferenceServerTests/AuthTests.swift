import Foundation
import Synchronization
import TestSupport
import Testing

@Suite("Reference server with tokens", .timeLimit(.minutes(2)))
struct AuthTests {
    /// A folder for the keys of one test.
    final class Folder {
        let path = NSTemporaryDirectory() + "/auth-\(UUID().uuidString)"

        init() throws {
            try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
        }

        deinit {
            try? FileManager.default.removeItem(atPath: self.path)
        }

        func write(_ text: String, to name: String) throws -> String {
            let path = "\(self.path)/\(name)"
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            return path
        }
    }

    private let folder: Folder
    private let secret: String

    init() throws {
        self.folder = try Folder()
        self.secret = try self.folder.write("correct horse battery staple 0001\n", to: "secret")
    }

    private func token(_ arguments: String...) throws -> String {
        let (status, output, errors) = try ServerProcess.run(
            ["token", "--secret-file", self.secret, "--sub", "ada", "--tenant", "acme"] + arguments)
        #expect(status == 0, "\(errors)")
        return output.trimmingCharacters(in: .newlines)
    }

    private func start(_ arguments: String...) async throws -> ServerProcess {
        try await ServerProcess.start(["--bus", "memory", "--jwt-secret-file", self.secret] + arguments)
    }

    @Test("A good token opens a socket, also from its query, header or cookie")
    func good() async throws {
        let server = try await self.start()
        #expect(server.announcement.contains("tokens verified"))
        let token = try self.token()
        try RawWebSocket(port: server.port).initialise(payload: #"{"Authorization":"Bearer \#(token)"}"#)
        try RawWebSocket(port: server.port, path: "/graphql?token=\(token)").initialise()
        for field in ["Authorization: Bearer \(token)", "Cookie: a=b; access_token=\(token)"] {
            try RawWebSocket(port: server.port, fields: [field]).initialise()
            let (status, _, body) = try RawHTTP.exchange(
                "POST", "/graphql", port: server.port, fields: [field], body: #"{"query":"{ __typename }"}"#)
            #expect(status == 200)
            #expect(body == #"{"data":{"__typename":"Query"}}"#)
        }
    }

    @Test("No token and a bad one are refused, on sockets and over HTTP")
    func refused() async throws {
        let server = try await self.start("--log-level", "debug")
        let good = try self.token()
        let other = try self.folder.write("correct horse battery staple 0002", to: "other")
        let forged = try ServerProcess.run(
            ["token", "--secret-file", other, "--sub", "ada", "--tenant", "acme"]
        ).output.trimmingCharacters(in: .newlines)
        let payloads = [nil, "{}", #"{"token":"x"}"#, #"{"token":"\#(forged)"}"#, #"{"token":"\#(good)x"}"#]
        for payload in payloads {
            let socket = try RawWebSocket(port: server.port)
            try socket.send(#"{"type":"connection_init"\#(payload.map { #","payload":\#($0)"# } ?? "")}"#)
            #expect(try socket.receive() == .close(code: 4403, reason: "Forbidden"))
        }
        for fields in [[], ["Authorization: Bearer \(forged)"], ["Authorization: Basic \(good)"]] {
            let (status, head, body) = try RawHTTP.exchange(
                "POST", "/graphql", port: server.port, fields: fields, body: #"{"query":"{ __typename }"}"#)
            #expect(status == 401)
            #expect(head.contains(#"WWW-Authenticate: Bearer error="invalid_token""#))
            #expect(body.contains(#""code":"UNAUTHENTICATED""#))
            #expect(!body.contains("__typename"))
        }
        #expect(server.log.contains("signature-invalid"))
        #expect(!server.log.contains(forged.suffix(20)))
        #expect(!server.log.contains("battery"))
    }

    @Test("Publishing needs the permission in the token")
    func permission() async throws {
        let server = try await self.start()
        let mutation = """
            {"query":"mutation { publishCustomerNetworkStatus(input: {customerId: 1, connectionStatus: \\"x\\"}) { receivers } }"}
            """
        func publish(_ token: String) throws -> String {
            try RawHTTP.exchange(
                "POST", "/graphql", port: server.port, fields: ["Authorization: Bearer \(token)"], body: mutation
            ).body
        }
        #expect(try publish(self.token()).contains(#""code":"FORBIDDEN""#))
        #expect(
            try publish(self.token("--permissions", "events:publish"))
                == #"{"data":{"publishCustomerNetworkStatus":{"receivers":0}}}"#)
    }

    @Test(
        "Keys of every kind, made by openssl",
        .enabled(if: Executable.find("openssl") != nil, "openssl is not installed"))
    func kinds() async throws {
        for kind in [
            ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"], ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"], ["ed25519"],
        ] {
            let (priv, pub) = ("\(self.folder.path)/\(kind[0])", "\(self.folder.path)/\(kind[0]).pub")
            let openssl = try #require(Executable.find("openssl"))
            #expect(try Executable.run(openssl, ["genpkey", "-out", priv, "-algorithm"] + kind).status == 0)
            #expect(try Executable.run(openssl, ["pkey", "-in", priv, "-pubout", "-out", pub]).status == 0)
            let token = try ServerProcess.run(
                ["token", "--private-key", priv, "--sub", "ada", "--tenant", "acme"]
            ).output.trimmingCharacters(in: .newlines)
            let server = try await ServerProcess.start(["--bus", "memory", "--jwt-public-key", pub])
            try RawWebSocket(port: server.port).initialise(payload: #"{"token":"\#(token)"}"#)
        }
    }

    @Test(
        "Settings that do not fit together end it with one sentence",
        arguments: [
            (["--auth", "jwt"], "--auth jwt needs a key"),
            (["--auth", "none", "--jwks", "x"], "--auth none does not go with keys"),
            (["--jwt-secret-file", "/nowhere"], "--jwt-secret-file: /nowhere: it cannot be read"),
            (["--jwt-secret-file", "<empty>"], "a secret for HS256 has at least 32 bytes"),
            (["--jwt-public-key", "<empty>"], "<empty>: no public key in PEM"),
            (["--jwks", "<empty>"], "<empty>: not a JSON object"),
            (["--jwt-algorithms", "none"], "expected some of"), (["--jwt-issuer", "x"], "--jwt-issuer needs keys"),
            (["--anonymous", "allow"], "--anonymous needs keys"),
            (["token", "--sub", "a"], "--tenant"), (["token", "--sub", "a", "--tenant", "b"], "give one of"),
            (["token", "--sub", "a", "--tenant", "b", "--secret-file", "/nowhere"], "/nowhere: it cannot be read"),
        ])
    func usage(arguments: [String], message: String) throws {
        let empty = try self.folder.write("", to: "empty")
        let (status, output, errors) = try ServerProcess.run(
            arguments.map { $0.replacing("<empty>", with: empty) })
        #expect(status == 64)
        #expect(output == "")
        #expect(errors.contains(message.replacing("<empty>", with: empty)), "\(errors)")
        #expect(!errors.contains("\n"), "one sentence")
    }

    @Test("A set of keys in a file")
    func keySetInFile() async throws {
        let path = try self.folder.write(
            #"{"keys":[{"kty":"oct","kid":"one","k":"\#(Self.encoded("1"))"}]}"#, to: "set")
        let server = try await ServerProcess.start(["--bus", "memory", "--jwks", path])
        let secret = try self.folder.write(Self.secretText("1"), to: "one")
        let token = try ServerProcess.run(
            ["token", "--secret-file", secret, "--key-id", "one", "--sub", "a", "--tenant", "b"]
        ).output.trimmingCharacters(in: .newlines)
        try RawWebSocket(port: server.port).initialise(payload: #"{"token":"\#(token)"}"#)
    }

    @Test(
        "A set of keys at an address",
        .enabled(if: Executable.find("python3") != nil, "python3 is not installed"))
    func keySetAtAddress() async throws {
        let openssl = try #require(Executable.find("openssl"))
        let (key, web) = ("\(self.folder.path)/key", "\(self.folder.path)/web")
        try FileManager.default.createDirectory(atPath: web, withIntermediateDirectories: true)
        #expect(try Executable.run(openssl, ["genpkey", "-out", key, "-algorithm", "ed25519"]).status == 0)
        // The last 32 bytes of an Ed25519 key in DER are the key itself (RFC 8410 §4).
        let der = "\(self.folder.path)/der"
        #expect(
            try Executable.run(openssl, ["pkey", "-in", key, "-pubout", "-outform", "DER", "-out", der]).status == 0)
        let x = Self.base64URL(try Data(contentsOf: URL(fileURLWithPath: der)).suffix(32))
        let set = #"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k1","x":"\#(x)"}]}"#
        try Data(set.utf8).write(to: URL(fileURLWithPath: web + "/keys.json"))
        let publisher = try WebFolder(web)
        let port = try await publisher.port()
        let server = try await ServerProcess.start(
            ["--bus", "memory", "--jwks", "http://127.0.0.1:\(port)/keys.json"])
        func token(_ kid: String) throws -> String {
            try ServerProcess.run(["token", "--private-key", key, "--key-id", kid, "--sub", "a", "--tenant", "b"])
                .output
        }
        try RawWebSocket(port: server.port).initialise(payload: #"{"token":"\#(try token("k1"))"}"#)
        let socket = try RawWebSocket(port: server.port)
        try socket.send(#"{"type":"connection_init","payload":{"token":"\#(try token("k2"))"}}"#)
        #expect(try socket.receive() == .close(code: 4403, reason: "Forbidden"))
    }

    private static func secretText(_ end: String) -> String { "a secret with more than 32 bytes \(end)" }

    private static func encoded(_ end: String) -> String {
        self.base64URL(Data(self.secretText(end).utf8))
    }

    private static func base64URL(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

/// A folder on the web, by Python's own server.
private final class WebFolder: Sendable {
    private let process: Mutex<Process>
    private let output = OutputFile()

    init(_ path: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Executable.find("python3")))
        process.arguments = ["-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory", path, "0"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = self.output.handle
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = Mutex(process)
    }

    deinit {
        self.process.withLock { _ = kill($0.processIdentifier, SIGKILL) }
    }

    func port() async throws -> Int {
        try await eventually("the folder is served") { self.output.text.contains(/port \d+/) }
        let match = try #require(self.output.text.firstMatch(of: /port (\d+)/))
        return try #require(Int(match.1))
    }
}
