package import GraphQLCore
package import NIOCore
package import SubscriptionProtocols

/// What runs the operations of sockets. The server's own is the GraphQL engine; tests put others in its place.
package protocol OperationRunner: Sendable {
    /// Starts an operation. Called on the socket's event loop; must not block and must not call the output before it
    /// returns.
    func start(
        _ request: GraphQLRequest, context: any ExecutionContext, output: OperationOutput
    ) -> any OperationHandle

    /// The same for an operation that was prepared already.
    /// - Parameter trace: Where its request belongs in a trace, where that says so itself.
    func start(
        _ operation: PreparedOperation, context: any ExecutionContext, output: OperationOutput, trace: TraceContext?
    ) -> any OperationHandle
}

/// Stops an operation.
package protocol OperationHandle: Sendable {
    /// The operation is not wanted any more: its client completed it, or the socket is gone. Releases what it holds at
    /// once. Called at most once, on the socket's event loop, and not after the operation has ended by itself.
    func cancel()
}

/// Where in its life an operation failed.
package enum OperationFailure: Sendable, Hashable {
    /// The request was refused before execution.
    case request(RequestError.Step)
    /// A limit is reached.
    case limit(LimitKind)
    /// The source stream broke off.
    case source
}

/// Receives what the operations of one socket produce. Bound to the event loop of the socket.
package protocol OperationReceiver: AnyObject {
    /// A result: the JSON text of an execution result, followed by the brace that ends a `next` message. It is sent
    /// with the next `flushDelivered`.
    func deliver(_ payload: ByteBuffer, to token: OperationToken)
    /// The one result of a query or mutation, which cannot be dropped; otherwise as `deliver`.
    func result(_ payload: ByteBuffer, of token: OperationToken)
    /// The operation has ended well.
    func complete(_ token: OperationToken)
    /// The operation has failed; `errors` is the JSON text of an array that is not empty.
    func fail(_ token: OperationToken, errors: [UInt8], because failure: OperationFailure)
    /// Sends what was delivered since the last call.
    func flushDelivered()
}

extension OperationReceiver {
    package func result(_ payload: ByteBuffer, of token: OperationToken) {
        self.deliver(payload, to: token)
    }
}

/// Where one operation sends what it produces; from any thread. One object for all who hold it: the operation, its
/// source, the group of subscribers.
package final class OperationOutput: Sendable {
    /// Whose the operation is, by as little as is needed to say it.
    private enum Owner {
        case connection(LiveConnection)
        indirect case principal(Principal)
    }

    /// The event loop of the socket.
    package let eventLoop: any EventLoop
    /// The operation.
    package let token: OperationToken
    private let owner: Owner
    /// What the operation holds below a limit.
    let place = OperationPlace()
    private let receiver: NIOLoopBound<any OperationReceiver>

    /// Must be made on the event loop.
    /// - Parameters:
    ///   - principal: whose it is, when it has no connection.
    ///   - connection: where it runs, when that is in the list of connections.
    package init(
        to receiver: any OperationReceiver, on eventLoop: any EventLoop, token: OperationToken,
        principal: Principal = .anybody, connection: LiveConnection? = nil
    ) {
        self.owner = connection.map { .connection($0) } ?? .principal(principal)
        self.eventLoop = eventLoop
        self.token = token
        self.receiver = NIOLoopBound(receiver, eventLoop: eventLoop)
    }

    /// Whose operation it is.
    package var principal: Principal {
        switch self.owner {
        case .connection(let connection): connection.principal
        case .principal(let principal): principal
        }
    }

    /// Where it runs, when that is in the list of connections.
    var connection: LiveConnection? {
        if case .connection(let connection) = self.owner { connection } else { nil }
    }

    /// The receiver itself; only on the event loop.
    package var loopBoundReceiver: any OperationReceiver { self.receiver.value }

    /// The one result of a query or mutation, and its end.
    package func finish(with result: ExecutionResult) {
        let payload = OperationPayload.next(result)
        self.place.release()
        self.eventLoop.execute {
            self.receiver.value.result(payload, of: self.token)
            self.receiver.value.complete(self.token)
            self.receiver.value.flushDelivered()
        }
    }

    /// The operation has failed.
    package func fail(_ errors: [GraphQLError], because failure: OperationFailure) {
        let errors = OperationPayload.errors(errors)
        self.place.release()
        self.eventLoop.execute {
            self.receiver.value.fail(self.token, errors: errors, because: failure)
            self.receiver.value.flushDelivered()
        }
    }

    /// Hands over what the source of the operation produced, and has it sent; only on the event loop.
    func deliver(_ deliveries: some Sequence<SubscriberGroup.Delivery>) {
        let receiver = self.receiver.value
        for delivery in deliveries {
            switch delivery {
            case .result(let payload):
                receiver.deliver(payload, to: self.token)
            case .complete:
                self.place.release()
                receiver.complete(self.token)
            case .failure(let errors, let failure):
                self.place.release()
                receiver.fail(self.token, errors: errors, because: failure)
            }
        }
        receiver.flushDelivered()
    }

    /// Runs something on the event loop of the socket.
    package func execute(_ work: @escaping @Sendable (any OperationReceiver) -> Void) {
        self.eventLoop.execute { work(self.receiver.value) }
    }
}

/// The encoded payloads of messages.
package enum OperationPayload {
    /// A result with the brace that ends its message, so that one buffer serves every subscriber.
    /// - Parameter extensions: members for `extensions`, which the engine itself never writes.
    package static func next(_ result: ExecutionResult, extensions: JSONObject? = nil) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: result.body.count + ServerMessage.nextSuffix.count)
        if let extensions {
            buffer.writeBytes(result.body.dropLast())
            buffer.writeString(#","extensions":"#)
            buffer.writeBytes(JSONValue.object(extensions).encoded())
            buffer.writeString("}")
        } else {
            buffer.writeBytes(result.body)
        }
        buffer.writeBytes(ServerMessage.nextSuffix)
        return buffer
    }

    /// The errors as a JSON array.
    package static func errors(_ errors: [GraphQLError]) -> [UInt8] {
        JSONValue.array(errors.map { $0.json() }).encoded()
    }
}
