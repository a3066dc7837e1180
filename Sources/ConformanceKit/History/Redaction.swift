import COpenSSL
import CProcess
import Synchronization

/// Keeps secrets out of a history: each is replaced by a mark with its name and the beginning of its digest, so that one
/// can still see which token went where, and whether it came back.
package final class Redaction: Sendable {
    /// Begins every mark.
    package static let mark = "«secret "

    private struct Secret {
        var bytes: [UInt8]
        var replacement: [UInt8]
    }

    private let secrets = Mutex<[Secret]>([])

    package init() {}

    /// From now on this text is hidden. Texts of fewer than eight bytes are too common to be secrets.
    package func hide(_ text: String, as name: String) {
        let bytes = Array(text.utf8)
        // What is part of its own mark could be replaced for ever.
        guard bytes.count >= 8, !Self.mark.contains(text), !name.contains(text) else { return }
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 32
        _ = EVP_Digest(bytes, bytes.count, &digest, &count, EVP_sha256(), nil)
        let replacement = Array("\(Self.mark)\(name) \(Bytes.hex(digest.prefix(6)))»".utf8)
        self.secrets.withLock { secrets in
            guard !secrets.contains(where: { $0.bytes == bytes }) else { return }
            secrets.append(Secret(bytes: bytes, replacement: replacement))
            // The longest first, should one be part of another.
            secrets.sort { $0.bytes.count > $1.bytes.count }
        }
    }

    /// The event without any secret.
    func clean(_ event: HistoryRecord.Event) -> HistoryRecord.Event {
        let secrets = self.secrets.withLock { $0 }
        guard !secrets.isEmpty else { return event }
        switch event {
        case .requestSent(let bytes): return .requestSent(bytes: Self.clean(bytes, secrets))
        case .bytesSent(let bytes): return .bytesSent(bytes: Self.clean(bytes, secrets))
        case .frameSent(let frame): return .frameSent(frame: Self.clean(frame, secrets))
        case .frameReceived(let frame): return .frameReceived(frame: Self.clean(frame, secrets))
        case .httpBytes(let number, let bytes): return .httpBytes(exchange: number, bytes: Self.clean(bytes, secrets))
        case .httpSent(let number, var sent):
            sent.url = Self.clean(sent.url, secrets)
            for index in sent.headers.indices {
                sent.headers[index].value = Self.clean(sent.headers[index].value, secrets)
            }
            sent.body = sent.body.map { Self.clean($0, secrets) }
            return .httpSent(exchange: number, request: sent)
        case .httpHead(let number, var head):
            for index in head.headers.indices {
                head.headers[index].value = Self.clean(head.headers[index].value, secrets)
            }
            head.raw = Self.clean(head.raw, secrets)
            return .httpHead(exchange: number, head: head)
        case .responseReceived(var response):
            for index in response.headers.indices {
                response.headers[index].value = Self.clean(response.headers[index].value, secrets)
            }
            response.head = Self.clean(response.head, secrets)
            response.body = Self.clean(response.body, secrets)
            return .responseReceived(response: response)
        case .problem(let kind, let message): return .problem(kind: kind, message: Self.clean(message, secrets))
        case .emitted(let nonce, let outcome, let detail):
            return .emitted(nonce: nonce, outcome: outcome, detail: Self.clean(detail, secrets))
        case .observed(let source, let value):
            guard let cleaned = try? JSONParser.parse(Array(Self.clean(value.text, secrets).utf8)) else { return event }
            return .observed(source: source, value: cleaned)
        default: return event
        }
    }

    private static func clean(_ text: String, _ secrets: [Secret]) -> String {
        String(decoding: self.clean(Array(text.utf8), secrets), as: UTF8.self)
    }

    private static func clean(_ bytes: Bytes, _ secrets: [Secret]) -> Bytes { Bytes(self.clean(bytes.bytes, secrets)) }

    private static func clean(_ frame: WireFrame, _ secrets: [Secret]) -> WireFrame {
        let cleaned = self.clean(frame.payload.bytes, secrets)
        guard cleaned != frame.payload.bytes else { return frame }
        var frame = frame
        // What is judged is the frame as it was: its length form still has to be that of its payload.
        let wasShortest = frame.lengthForm == WireFrame.shortestForm(frame.payload.bytes.count)
        frame.payload = Bytes(cleaned)
        if wasShortest { frame.lengthForm = WireFrame.shortestForm(cleaned.count) }
        return frame
    }

    private static func clean(_ bytes: [UInt8], _ secrets: [Secret]) -> [UInt8] {
        var bytes = bytes
        for secret in secrets {
            while let place = self.place(of: secret.bytes, in: bytes) {
                bytes.replaceSubrange(place..<(place + secret.bytes.count), with: secret.replacement)
            }
        }
        return bytes
    }

    private static func place(of wanted: [UInt8], in bytes: [UInt8]) -> Int? {
        let place = gqc_find(bytes, bytes.count, wanted, wanted.count)
        return place < 0 ? nil : place
    }
}
