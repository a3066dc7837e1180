import Foundation
import NIOCore
import NIOPosix
import Synchronization

@testable import ConformanceKit

/// An engine on a unix socket that gives one answer after the other, and remembers what it was asked.
final class ScriptedEngine: Sendable {
    let socket: String
    private let directory: String
    private let channel: any Channel
    private let script: Script

    final class Script: Sendable {
        let answers: Mutex<[(status: Int, body: String)]>
        let requests = Mutex<[String]>([])

        init(_ answers: [(status: Int, body: String)]) { self.answers = Mutex(answers) }
    }

    /// The requests as they came, each with its body.
    var requests: [String] { self.script.requests.withLock { $0 } }

    init(_ answers: [(status: Int, body: String)]) async throws {
        self.directory = try TemporaryDirectory.make(prefix: "gqlconform-engine-", environment: [:])
        self.socket = self.directory + "/engine.sock"
        let script = Script(answers)
        self.script = script
        self.channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Answerer(script))
                }
            }
            .bind(unixDomainSocketPath: self.socket).get()
    }

    func stop() async throws {
        try await self.channel.close()
        TemporaryDirectory.remove(self.directory)
    }

    private final class Answerer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let script: Script
        private var text = ""

        init(_ script: Script) { self.script = script }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.text += String(buffer: self.unwrapInboundIn(data))
            guard let head = self.text.range(of: "\r\n\r\n") else { return }
            let length =
                self.text[..<head.lowerBound].split(separator: "\r\n")
                .first { $0.lowercased().hasPrefix("content-length:") }
                .flatMap { Int($0.split(separator: ":")[1].trimmingCharacters(in: .whitespaces)) } ?? 0
            guard self.text[head.upperBound...].utf8.count >= length else { return }
            let request = self.text
            self.text = ""
            self.script.requests.withLock { $0.append(request) }
            let answer = self.script.answers.withLock { $0.isEmpty ? (500, "{}") : $0.removeFirst() }
            // Without a body for 204 and 304 (RFC 9110 §6.4.1).
            let hasBody = ![204, 304].contains(answer.0)
            let body = hasBody ? answer.1 : ""
            let more = !hasBody ? "" : "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
            context.writeAndFlush(
                self.wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 \(answer.0) X\r\n\(more)\r\n\(body)")), promise: nil)
        }
    }
}
