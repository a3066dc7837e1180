import NIOCore
import SubscriptionProtocols

/// The frames of one write: small ones are gathered in one buffer, large payloads stay where they are and are shared
/// with all other sockets that send them.
struct OutgoingFrames {
    /// Payloads of up to this many bytes are copied: that costs less than a write of their own.
    private static let copyLimit = 1024

    private var gathered = ByteBuffer()
    /// What stands before `gathered`.
    private var finished: [ByteBuffer] = []

    /// Bytes in `finished`.
    private var finishedBytes = 0

    /// Bytes to write.
    var byteCount: Int { self.finishedBytes + self.gathered.readableBytes }

    /// Whether there is nothing to write.
    var isEmpty: Bool { self.gathered.readableBytes == 0 && self.finished.isEmpty }

    /// Appends a text message.
    mutating func appendText(_ message: [UInt8]) {
        FrameHeader.write(.text, length: message.count, to: &self.gathered)
        self.gathered.writeBytes(message)
    }

    /// Appends a text message that begins with `prefix` and goes on with `rest`.
    mutating func appendText(prefix: [UInt8], rest: ByteBuffer) {
        let length = prefix.count + rest.readableBytes
        let copied = prefix.count + (rest.readableBytes <= Self.copyLimit ? rest.readableBytes : 0)
        // One allocation for the frame, and not one for each of its parts.
        self.gathered.reserveCapacity(minimumWritableBytes: FrameHeader.longest + copied)
        FrameHeader.write(.text, length: length, to: &self.gathered)
        self.gathered.writeBytes(prefix)
        self.append(rest)
    }

    private mutating func append(_ payload: ByteBuffer) {
        if payload.readableBytes <= Self.copyLimit {
            self.gathered.writeImmutableBuffer(payload)
        } else {
            self.finishedBytes += self.gathered.readableBytes + payload.readableBytes
            self.finished.append(self.gathered)
            self.finished.append(payload)
            self.gathered = ByteBuffer()
        }
    }

    /// Appends a binary message.
    mutating func appendBinary(_ message: ByteBuffer) {
        FrameHeader.write(.binary, length: message.readableBytes, to: &self.gathered)
        self.append(message)
    }

    /// Appends a control frame. `payload` has at most 125 bytes.
    mutating func appendControl(_ opcode: Opcode, _ payload: ByteBuffer) {
        FrameHeader.write(opcode, length: payload.readableBytes, to: &self.gathered)
        self.gathered.writeImmutableBuffer(payload)
    }

    /// Appends a close frame; without a status when that is nil.
    mutating func appendClose(_ status: UInt16?, _ reason: String = "") {
        guard let status else {
            self.appendControl(.close, ByteBuffer())
            return
        }
        var payload = ByteBuffer(integer: status)
        payload.writeString(reason)
        FrameHeader.write(.close, length: payload.readableBytes, to: &self.gathered)
        self.gathered.writeImmutableBuffer(payload)
    }

    /// Appends bytes that are no frame of this server's making.
    mutating func appendRaw(_ bytes: ByteBuffer) {
        self.gathered.writeImmutableBuffer(bytes)
    }

    /// What there is to write, in order.
    func forEach(_ write: (ByteBuffer) -> Void) {
        self.finished.forEach(write)
        if self.gathered.readableBytes > 0 {
            write(self.gathered)
        }
    }
}
