import NIOCore
import SubscriptionProtocols

/// Misreads the frames of one client: turns what came into what a server with the mistake would have understood, before
/// the right reader sees it.
///
/// Works on whole frames. What no mistake is about passes as it came.
final class IncomingDeviation {
    /// What becomes of the bytes.
    enum Outcome {
        /// To be read.
        case bytes(ByteBuffer)
        /// To be refused; nothing behind it is looked at.
        case close(Close)
    }

    private static let kinds: Set<Misbehaviour> = [
        .partialFramesDropped, .oneFramePerRead, .maskOfFirstFrame, .reservedOpcodesIgnored, .longLengthsRefused,
        .lengthHighBitIgnored, .fragmentsAsMessages, .utf8CheckedPerFrame, .controlWaitsForMessage,
        .fragmentsOutOfOrderAccepted, .controlLengthUnchecked, .controlFragmentsAccepted, .emptyTextIgnored,
        .controlPongCloses, .pingFloodCloses, .utf8ExtremesRefused, .closePayloadUnchecked, .closeCodesClosedList,
        .privateCloseCodeRefused, .closeWaitsForStreams, .framesAfterClientCloseHandled, .pingsWaitForStreams,
    ]
    /// From this many pings in a row on a flood is seen.
    private static let flood = 100

    private let misbehaviour: Misbehaviour
    /// The beginning of a frame.
    private var input: [UInt8] = []
    /// The data frames of a message that has not ended.
    private var unfinished: [IncomingFrame] = []
    private var firstMask: [UInt8]?
    private var pings = 0
    /// Frames that wait for the end of a message, or of operations.
    private var held: [IncomingFrame] = []

    /// Nil when the misbehaviour is not about frames.
    init?(_ misbehaviour: Misbehaviour?) {
        guard let misbehaviour, Self.kinds.contains(misbehaviour) else { return nil }
        self.misbehaviour = misbehaviour
    }

    /// Whether something waits until no operation runs.
    var isHolding: Bool { !self.held.isEmpty && self.misbehaviour != .controlWaitsForMessage }

    /// What waited, once no operation runs.
    func release() -> ByteBuffer {
        defer { self.held = [] }
        return ByteBuffer(bytes: self.held.flatMap(\.bytes))
    }

    /// Takes the bytes of one read.
    /// - Parameter isBusy: whether operations run on the socket.
    func take(_ bytes: ByteBuffer, isBusy: Bool) -> [Outcome] {
        self.input += bytes.readableBytesView
        var output: [UInt8] = []
        var closes: [IncomingFrame] = []
        var isFirst = true
        while let reading = IncomingFrame.read(self.input) {
            guard case .frame(let frame) = reading else {
                // Nothing that fits into memory: the right reader says what is to be said.
                output += self.withoutHighBit(self.input)
                self.input = []
                break
            }
            self.input.removeFirst(frame.raw.count)
            if !isFirst, self.misbehaviour == .oneFramePerRead { continue }
            isFirst = false
            if frame.opcode == 8, self.misbehaviour == .framesAfterClientCloseHandled {
                closes.append(frame)
                continue
            }
            switch self.understand(frame, isBusy: isBusy) {
            case .frames(let frames): output += frames.flatMap(\.bytes)
            case .close(let close): return [.bytes(ByteBuffer(bytes: output)), .close(close)]
            }
        }
        if self.misbehaviour == .partialFramesDropped { self.input = [] }
        self.held += closes
        return [.bytes(ByteBuffer(bytes: output))]
    }

    private enum Understanding {
        case frames([IncomingFrame])
        case close(Close)
    }

    private func understand(_ frame: IncomingFrame, isBusy: Bool) -> Understanding {
        switch self.misbehaviour {
        case .maskOfFirstFrame:
            let mask = self.firstMask ?? frame.mask
            self.firstMask = mask
            return .frames([frame.masked(as: mask)])
        case .reservedOpcodesIgnored:
            return .frames((3...7).contains(frame.opcode) || frame.opcode > 10 ? [] : [frame])
        case .longLengthsRefused where frame.lengthForm == 127:
            return .close(Close(.messageTooBig, "Message too big"))
        case .emptyTextIgnored where frame.opcode == 1 && frame.isFinal && frame.payload.isEmpty:
            return .frames([])
        case .controlPongCloses where frame.opcode == 10:
            return .close(Close(.protocolError, "Unexpected pong"))
        case .pingFloodCloses:
            self.pings = frame.opcode == 9 ? self.pings + 1 : 0
            return self.pings > Self.flood ? .close(Close(.protocolError, "Too many pings")) : .frames([frame])
        case .utf8ExtremesRefused where frame.opcode == 1 && frame.payload.hasExtremes,
            .utf8CheckedPerFrame where frame.isText && !frame.payload.isUTF8:
            return .close(Close(.invalidData, "Text is not UTF-8"))
        case .closeWaitsForStreams where frame.opcode == 8 && isBusy,
            .pingsWaitForStreams where frame.opcode == 9 && isBusy:
            self.held.append(frame)
            return .frames([])
        case .controlLengthUnchecked where frame.isControl && frame.payload.count > 125:
            return .frames([frame.with(payload: Array(frame.payload.prefix(125)))])
        case .controlFragmentsAccepted where frame.isControl:
            return .frames([frame.with(first: frame.first | 0x80)])
        case .closePayloadUnchecked where frame.opcode == 8, .closeCodesClosedList where frame.opcode == 8,
            .privateCloseCodeRefused where frame.opcode == 8:
            return .frames([self.understoodClose(frame)])
        case .fragmentsAsMessages where !frame.isControl:
            return .frames([frame.with(first: 0x80 | (frame.opcode == 0 ? 1 : frame.opcode))])
        case .controlWaitsForMessage, .fragmentsOutOfOrderAccepted:
            return self.inOrder(frame)
        default:
            return .frames([frame])
        }
    }

    /// The close as a server takes it that does not look at it, or finds fault with legal codes.
    private func understoodClose(_ frame: IncomingFrame) -> IncomingFrame {
        let code = frame.payload.count < 2 ? nil : UInt16(frame.payload[0]) << 8 | UInt16(frame.payload[1])
        switch self.misbehaviour {
        case .closePayloadUnchecked: return frame.with(payload: [3, 232])
        case .closeCodesClosedList where code.map { $0 != 1000 && $0 != 1001 } ?? false,
            .privateCloseCodeRefused where code.map { $0 >= 4000 } ?? false:
            return frame.with(payload: [0, 0])
        default: return frame
        }
    }

    /// Keeps what belongs to a message until that is whole, or another replaces it.
    private func inOrder(_ frame: IncomingFrame) -> Understanding {
        if frame.isControl {
            guard self.misbehaviour == .controlWaitsForMessage, !self.unfinished.isEmpty else {
                return .frames([frame])
            }
            self.held.append(frame)
            return .frames([])
        }
        if frame.opcode != 0, self.misbehaviour == .fragmentsOutOfOrderAccepted {
            self.unfinished = []
        }
        let isStart = self.unfinished.isEmpty && self.misbehaviour == .fragmentsOutOfOrderAccepted
        self.unfinished.append(isStart && frame.opcode == 0 ? frame.with(first: frame.first & 0x80 | 1) : frame)
        guard frame.isFinal else { return .frames([]) }
        defer {
            self.unfinished = []
            self.held = []
        }
        return .frames(self.unfinished + self.held)
    }

    /// The bytes of a frame whose length no memory holds.
    private func withoutHighBit(_ bytes: [UInt8]) -> [UInt8] {
        guard self.misbehaviour == .lengthHighBitIgnored, bytes.count >= 10, bytes[2] & 0x80 != 0 else { return bytes }
        var length = bytes[2..<10].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        length &= .max >> 1
        guard length < 126 else { return [bytes[0], bytes[1], bytes[2] & 0x7F] + bytes[3...] }
        // In the form that the right reader asks for.
        return [bytes[0], bytes[1] & 0x80 | UInt8(length)] + bytes[10...]
    }
}

extension [UInt8] {
    fileprivate var isUTF8: Bool { String(validating: self, as: UTF8.self) != nil }

    /// Whether the text has U+0000, a noncharacter or the last character of all.
    fileprivate var hasExtremes: Bool {
        String(decoding: self, as: UTF8.self).unicodeScalars.contains { scalar in
            scalar.value == 0 || scalar.value & 0xFFFE == 0xFFFE || (0xFDD0...0xFDEF).contains(scalar.value)
                || scalar.value == 0x10FFFF
        }
    }
}
