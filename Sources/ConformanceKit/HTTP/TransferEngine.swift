import CCurl
import NIOPosix
import Synchronization

/// Runs any number of HTTP transfers through libcurl on one thread of its own, so that a slow one holds up nobody.
package final class TransferEngine: Sendable {
    /// One engine for the whole program; it ends with it.
    package static let shared = TransferEngine()

    private enum Command {
        case start(Int, TransferRequest, @Sendable (TransferEvent) -> Bool)
        case end(Int, isReset: Bool)
        case read(Int, Bool)
        case vanish(Int)
        case settle(@Sendable () -> Void)
    }

    private struct Inbox {
        var commands: [Command] = []
        var nextID = 0
        var isRunning = false
        /// Wakes the thread; nil while there is none.
        var wake: (@Sendable () -> Void)?
    }

    private let inbox = Mutex(Inbox())
    private let thread = NIOThreadPool(numberOfThreads: 1)

    private init() {
        _ = CurlHandle.globalSetUp
    }

    /// Starts a transfer. The observer is called in order, on the engine's thread: it must be quick. When it answers a
    /// piece of the body with false the transfer ends.
    package func start(
        _ request: TransferRequest, _ observer: @escaping @Sendable (TransferEvent) -> Bool
    ) -> Transfer {
        let (id, isNew) = self.inbox.withLock { inbox in
            inbox.nextID += 1
            inbox.commands.append(.start(inbox.nextID, request, observer))
            let isNew = !inbox.isRunning
            inbox.isRunning = true
            return (inbox.nextID, isNew)
        }
        if isNew {
            self.thread.start()
            self.thread.submit { _ in self.run() }
        }
        self.wake()
        return Transfer(id: id, engine: self)
    }

    /// Returns when everything that had come in was handed out; at once if nothing was ever started.
    func settle() async {
        guard self.inbox.withLock({ $0.isRunning }) else { return }
        await withCheckedContinuation { continuation in self.send(.settle { continuation.resume() }) }
    }

    fileprivate func end(_ id: Int, isReset: Bool) { self.send(.end(id, isReset: isReset)) }

    fileprivate func setReading(_ id: Int, _ isReading: Bool) { self.send(.read(id, isReading)) }

    fileprivate func vanish(_ id: Int) { self.send(.vanish(id)) }

    private func send(_ command: Command) {
        self.inbox.withLock { $0.commands.append(command) }
        self.wake()
    }

    private func wake() { self.inbox.withLock { $0.wake }?() }

    // MARK: The thread

    private func run() {
        guard let multi = curl_multi_init() else { return }
        // `curl_multi_wakeup` is the one function that may be called from any thread while another one polls.
        let address = UInt(bitPattern: multi)
        self.inbox.withLock { inbox in
            inbox.wake = {
                if let multi = UnsafeMutableRawPointer(bitPattern: address) { _ = curl_multi_wakeup(multi) }
            }
        }
        var transfers: [Int: TransferState] = [:]
        var names: [UnsafeMutableRawPointer: Int] = [:]
        while true {
            let commands = self.inbox.withLock { inbox in
                let commands = inbox.commands
                inbox.commands = []
                return commands
            }
            for command in commands { Self.obey(command, multi, &transfers, &names) }
            var running: Int32 = 0
            _ = curl_multi_perform(multi, &running)
            var left: Int32 = 0
            while let message = curl_multi_info_read(multi, &left) {
                guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
                let code = message.pointee.data.result
                _ = curl_multi_remove_handle(multi, easy)
                if let id = names.removeValue(forKey: easy) { transfers.removeValue(forKey: id)?.end(code) }
            }
            for case .settle(let isSettled) in commands { isSettled() }
            let isIdle = self.inbox.withLock { $0.commands.isEmpty }
            if isIdle { _ = curl_multi_poll(multi, nil, 0, 1_000, nil) }
        }
    }

    private static func obey(
        _ command: Command, _ multi: UnsafeMutableRawPointer, _ transfers: inout [Int: TransferState],
        _ names: inout [UnsafeMutableRawPointer: Int]
    ) {
        switch command {
        case .start(let id, let request, let observer):
            guard let state = TransferState(id: id, request, observer) else {
                _ = observer(.ended(TransferEnd(.other, "libcurl is out of resources")))
                return
            }
            state.configure()
            transfers[id] = state
            names[state.easy] = id
            _ = curl_multi_add_handle(multi, state.easy)
        case .end(let id, let isReset):
            guard let state = transfers.removeValue(forKey: id) else { return }
            if isReset { state.resetOnClose() }
            names[state.easy] = nil
            _ = curl_multi_remove_handle(multi, state.easy)
            state.endLocally()
        case .read(let id, let isReading):
            guard let state = transfers[id] else { return }
            _ = curl_easy_pause(state.easy, isReading ? CURLPAUSE_CONT : CURLPAUSE_RECV)
        // Answered behind the next look at all connections.
        case .settle: return
        case .vanish(let id):
            guard let state = transfers[id] else { return }
            state.vanish()
            _ = curl_easy_pause(state.easy, CURLPAUSE_ALL)
        }
    }
}

/// A transfer in progress.
package struct Transfer: Sendable {
    fileprivate let id: Int
    fileprivate let engine: TransferEngine

    /// Ends it, by closing its connection (or its stream of HTTP/2). Its last event is a local end.
    package func cancel() { self.engine.end(self.id, isReset: false) }

    /// Ends it with RST on its connection.
    package func reset() { self.engine.end(self.id, isReset: true) }

    /// Acknowledges nothing any more, and sends nothing.
    package func vanish() { self.engine.vanish(self.id) }

    /// Stops or goes on taking bytes.
    package func setReading(_ isReading: Bool) { self.engine.setReading(self.id, isReading) }
}
