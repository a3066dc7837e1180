import NIOCore
import SubscriptionProtocols

/// Spoils the frames that a server sends, all of them in the same way.
struct OutgoingDeviation {
    private static let kinds: Set<Misbehaviour> = [
        .serverFramesMasked, .serverLengthsLong, .serverSendsBinary, .loneSurrogatesSent,
    ]

    private let misbehaviour: Misbehaviour

    /// Nil when the misbehaviour is not about frames that are sent.
    init?(_ misbehaviour: Misbehaviour?) {
        guard let misbehaviour, Self.kinds.contains(misbehaviour) else { return nil }
        self.misbehaviour = misbehaviour
    }

    /// What is sent in place of whole frames.
    func spoiled(_ frames: OutgoingFrames) -> ByteBuffer {
        var rest: ArraySlice<UInt8> = []
        frames.forEach { rest += $0.readableBytesView }
        var spoiled: [UInt8] = []
        while case .frame(let frame)? = IncomingFrame.read(Array(rest)) {
            rest = rest.dropFirst(frame.raw.count)
            spoiled += self.spoiled(frame)
        }
        return ByteBuffer(bytes: spoiled + rest)
    }

    private func spoiled(_ frame: IncomingFrame) -> [UInt8] {
        switch self.misbehaviour {
        case .serverFramesMasked:
            return frame.with(payload: frame.payload).bytes
        case .serverLengthsLong where !frame.isControl:
            let length = (0..<8).reversed().map { UInt8(truncatingIfNeeded: frame.payload.count >> ($0 * 8)) }
            return [frame.first, 127] + length + frame.payload
        case .serverSendsBinary where frame.opcode == 1:
            return [frame.first & 0xF0 | 2] + frame.raw.dropFirst()
        case .loneSurrogatesSent where frame.opcode == 1:
            return frame.raw.replacing([0xEF, 0xBF, 0xBD], with: [0xED, 0xA0, 0x80])
        default:
            return frame.raw
        }
    }
}
