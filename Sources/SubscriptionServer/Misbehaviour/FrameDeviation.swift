import NIOCore
import SubscriptionProtocols

/// What a misbehaving server does wrong with frames and the closing handshake, whatever is spoken above them.
struct FrameDeviation {
    let misbehaviour: Misbehaviour

    var ignoresBinary: Bool { self.misbehaviour == .binaryIgnored }
    var echoesClose: Bool { self.misbehaviour != .closeNotEchoed }
    var keepsTCP: Bool { self.misbehaviour == .tcpKeptAfterClose }
    var awaitsEchoForEver: Bool { self.misbehaviour == .closeEchoAwaitedForEver }
    var isDeaf: Bool { self.misbehaviour == .noKeepAlive }

    /// What is sent behind the server's own close frame.
    var messageAfterClose: [UInt8]? {
        self.misbehaviour == .framesAfterClose ? ServerMessage.pong() : nil
    }

    func pongPayload(_ payload: ByteBuffer) -> ByteBuffer {
        self.misbehaviour == .pingPayloadDropped ? ByteBuffer() : payload
    }

    /// The status with which a close frame is answered; nil for none.
    func echo(_ status: UInt16?) -> UInt16? {
        switch self.misbehaviour {
        case .closeEchoWithoutCode: nil
        case .close1005Sent: status ?? 1005
        default: status
        }
    }

    /// The close as it is sent.
    func rewritten(_ close: Close) -> (code: UInt16, reason: String) {
        let (code, reason) = (close.code.rawValue, close.reason.text)
        switch self.misbehaviour {
        case .everyCloseIs4400: return (CloseCode.invalidMessage.rawValue, reason)
        case .reasonsMisspelt:
            return (code, reason.lowercased().split(separator: "isation").joined(separator: "ization"))
        case .reasonTooLong: return (code, reason + String(repeating: "!", count: 130))
        case .refusalClosesWith1000 where close == .forbidden: return (CloseCode.normal.rawValue, "")
        default: return (code, reason)
        }
    }
}
