import NIOCore
import SubscriptionProtocols

/// Turns the bytes of a client into messages and control frames, as strictly as RFC 6455 allows.
///
/// A value without channel or clock. It keeps no more than has arrived and belongs to a message within the limit: an
/// announced length reserves nothing. Text is checked as it arrives, so that bad UTF-8 is told before its message
/// ends.
struct FrameReader {
    /// What the bytes so far amount to.
    enum Event: Equatable {
        /// A whole text message; valid UTF-8.
        case text(ByteBuffer)
        /// A binary message: whole where binary messages are read, otherwise nil as soon as it begins, and its payload is
        /// skipped.
        case binary(ByteBuffer?)
        /// A ping with its payload, at most 125 bytes.
        case ping(ByteBuffer)
        /// A pong, asked for or not.
        case pong
        /// The peer closes, with its status unless it gave none. Nothing that follows is read.
        case close(UInt16?)
        /// The peer broke a rule. Nothing that follows is read.
        case violation(Close)
    }

    private enum State {
        case header
        case payload(FrameHeader, remaining: Int)
        /// After a close frame or a violation.
        case ended
    }

    private var state = State.header
    private var input = ByteBuffer()
    /// The fragments so far; nil while no message is under way.
    private var message: ByteBuffer?
    /// The message under way is not wanted: binary, or after the server's own close frame.
    private var isSkipping = false
    /// The message under way is binary, and wanted.
    private var isBinary = false
    private var validator = UTF8Validator()
    private let messageLimit: Int
    private let readsBinary: Bool
    private let lenience: FrameLenience
    /// Set once the server has sent its close frame: only the peer's is of interest then.
    var isDiscarding = false

    /// - Parameters:
    ///   - messageLimit: bytes of one message, inclusive; control frames do not count.
    ///   - readsBinary: whether binary messages are wanted.
    init(messageLimit: Int, readsBinary: Bool = false, lenience: FrameLenience = []) {
        self.messageLimit = messageLimit
        self.readsBinary = readsBinary
        self.lenience = lenience
    }

    /// Bytes that are kept for later.
    var retainedBytes: Int { self.input.readableBytes + (self.message?.readableBytes ?? 0) }

    /// Takes bytes as they come. Call `next` until it has nothing more to say.
    mutating func feed(_ bytes: ByteBuffer) {
        if case .ended = self.state { return }
        if self.input.readableBytes == 0 {
            self.input = bytes
        } else {
            var bytes = bytes
            self.input.writeBuffer(&bytes)
        }
    }

    /// The next event, or nil until more bytes have come.
    mutating func next() -> Event? {
        while true {
            switch self.state {
            case .ended:
                return nil
            case .header:
                switch FrameHeader.read(self.input, lenience: self.lenience) {
                case .incomplete:
                    self.releaseInput()
                    return nil
                case .violation(let reason):
                    return self.violation(.protocolError, CloseReason(reason))
                case .header(let header, let bytes):
                    self.input.moveReaderIndex(forwardBy: bytes)
                    if let event = self.begin(header) { return event }
                }
            case .payload(let header, let remaining) where header.opcode.isControl:
                guard self.input.readableBytes >= remaining else { return nil }
                self.state = .header
                return self.control(header)
            case .payload(let header, let remaining):
                let available = min(remaining, self.input.readableBytes)
                guard available > 0 || remaining == 0 else {
                    self.releaseInput()
                    return nil
                }
                if let event = self.data(header, remaining: remaining, available: available) { return event }
            }
        }
    }

    /// Gives the memory back once everything was read, so that an idle connection holds none.
    private mutating func releaseInput() {
        if self.input.readableBytes == 0 {
            self.input = ByteBuffer()
        }
    }

    private mutating func violation(_ code: CloseCode, _ reason: CloseReason) -> Event {
        self.end()
        return .violation(Close(code, reason))
    }

    private mutating func end() {
        self.state = .ended
        self.input = ByteBuffer()
        self.message = nil
    }

    // MARK: Data frames

    /// A data frame's header was read: does it fit the fragments so far, and the limit (§5.4)?
    private mutating func begin(_ header: FrameHeader) -> Event? {
        self.state = .payload(header, remaining: header.length)
        guard !header.opcode.isControl else { return nil }
        var event: Event?
        switch header.opcode {
        case .continuation:
            guard self.message != nil else {
                return self.violation(.protocolError, "Nothing to continue")
            }
        default:
            guard self.message == nil else {
                return self.violation(.protocolError, "A message is not finished yet")
            }
            self.message = ByteBuffer()
            self.validator = UTF8Validator()
            self.isBinary = header.opcode == .binary && self.readsBinary
            self.isSkipping = self.isDiscarding || (header.opcode == .binary && !self.readsBinary)
            if header.opcode == .binary, !self.readsBinary, !self.isDiscarding {
                event = .binary(nil)
            }
        }
        let length = (self.message?.readableBytes ?? 0).addingReportingOverflow(header.length)
        guard self.isSkipping || (!length.overflow && length.partialValue <= self.messageLimit) else {
            return self.violation(.messageTooBig, "Message too big")
        }
        return event
    }

    /// Takes the bytes of a data frame that are there.
    private mutating func data(_ header: FrameHeader, remaining: Int, available: Int) -> Event? {
        if self.isSkipping {
            self.input.moveReaderIndex(forwardBy: available)
        } else {
            self.unmask(header, offset: header.length - remaining, count: available)
            let isValid =
                self.isBinary
                || self.input.withUnsafeReadableBytes { bytes in
                    self.validator.accept(UnsafeRawBufferPointer(rebasing: bytes[..<available]))
                }
            guard isValid || self.lenience.contains(.invalidUTF8) else {
                return self.violation(.invalidData, "Text is not UTF-8")
            }
            guard var piece = self.input.readSlice(length: available) else { return nil }
            if self.message?.readableBytes == 0, header.isFinal, available == remaining {
                // The usual case, a whole message in one piece, is not copied.
                self.message = piece
            } else {
                self.message?.writeBuffer(&piece)
            }
        }
        guard available == remaining else {
            self.state = .payload(header, remaining: remaining - available)
            return nil
        }
        self.state = .header
        guard header.isFinal else { return nil }
        guard let message = self.message.take() else { return nil }
        guard !self.isSkipping else { return nil }
        guard self.validator.isAtBoundary || self.lenience.contains(.invalidUTF8) else {
            return self.violation(.invalidData, "Text is not UTF-8")
        }
        guard !self.isDiscarding else { return nil }
        return self.isBinary ? .binary(message) : .text(message)
    }

    // MARK: Control frames

    private mutating func control(_ header: FrameHeader) -> Event? {
        self.unmask(header, offset: 0, count: header.length)
        guard let payload = self.input.readSlice(length: header.length) else { return nil }
        switch header.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong
        default: return self.close(payload)
        }
    }

    /// §5.5.1 and §7.4: nothing, or a status that may be sent and a reason in UTF-8.
    private mutating func close(_ payload: ByteBuffer) -> Event {
        guard payload.readableBytes > 0 else {
            self.end()
            return .close(nil)
        }
        guard let status: UInt16 = payload.getInteger(at: payload.readerIndex) else {
            return self.violation(.protocolError, "A close payload has two bytes or more")
        }
        guard CloseCode.isAllowedOnTheWire(status) else {
            return self.violation(.protocolError, "A status that must not be sent")
        }
        var validator = UTF8Validator()
        let isValid = payload.withUnsafeReadableBytes { bytes in
            validator.accept(UnsafeRawBufferPointer(rebasing: bytes[2...])) && validator.isAtBoundary
        }
        guard isValid else { return self.violation(.invalidData, "Close reason is not UTF-8") }
        self.end()
        return .close(status)
    }

    /// Takes the mask off the next bytes, in place (§5.3).
    /// - Parameter offset: how many bytes of the payload came before.
    private mutating func unmask(_ header: FrameHeader, offset: Int, count: Int) {
        guard let mask = header.mask, mask != 0, count > 0 else { return }
        self.input.withUnsafeMutableReadableBytes { bytes in
            Masking.apply(mask, offset: offset, to: UnsafeMutableRawBufferPointer(rebasing: bytes[..<count]))
        }
    }
}

extension Optional {
    /// Moves the value out and leaves nil.
    fileprivate mutating func take() -> Wrapped? {
        defer { self = nil }
        return self
    }
}
