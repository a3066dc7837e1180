private import Glibc
import NIOCore
import NIOPosix
import NIOSSL

/// A connection over a channel that may still have to be made. Used on its event loop only.
final class ChannelLink: TransportLink {
    private var channel: (any Channel)?
    private var report: ((TransportEvent) -> Void)?
    /// Turns a text into what the channel takes; nil where texts cannot be sent.
    private let frame: ((any Channel, String) -> Void)?
    /// Says goodbye on the wire, where the protocol has a way to.
    private let farewell: ((any Channel) -> Void)?

    init(
        report: @escaping (TransportEvent) -> Void, frame: ((any Channel, String) -> Void)? = nil,
        farewell: ((any Channel) -> Void)? = nil
    ) {
        self.report = report
        self.frame = frame
        self.farewell = farewell
    }

    /// Tells what happens, until the end.
    func tell(_ event: TransportEvent) {
        guard let report = self.report else { return }
        switch event {
        case .lost, .completed:
            self.report = nil
            self.channel?.close(promise: nil)
        default: break
        }
        report(event)
    }

    /// The channel is there. It is closed at once if nobody wants it any more.
    func use(_ channel: any Channel) {
        self.channel = channel
        if self.report == nil { channel.close(promise: nil) }
    }

    func send(_ text: String) {
        guard self.report != nil, let channel = self.channel else { return }
        self.frame?(channel, text)
    }

    func close() {
        self.report = nil
        guard let channel = self.channel else { return }
        if let farewell = self.farewell {
            farewell(channel)
        } else {
            channel.close(promise: nil)
        }
    }
}

/// Why a channel failed, in words.
func describeFailure(_ error: any Error) -> String {
    switch error {
    case let error as IOError: String(cString: strerror(error.errnoCode)).lowercased()
    case let error as NIOConnectionError:
        error.connectionErrors.first.map { describeFailure($0.error) }
            ?? (error.dnsAError ?? error.dnsAAAAError).map { _ in "there is no host \(error.host)" }
            ?? "\(error.host):\(error.port) cannot be reached"
    case let error as NIOSSLError:
        "\(error)".contains("WRONG_VERSION_NUMBER")
            ? "no TLS is spoken there" : "the TLS handshake failed: \(error)"
    case is ChannelError: "the connection could not be made in time"
    default: "\(error)"
    }
}
