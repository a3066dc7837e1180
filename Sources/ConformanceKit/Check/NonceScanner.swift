/// Finds the nonces of a case's events in bytes: every byte is looked at once.
struct NonceScanner {
    private let token: [UInt8]
    /// By length, longest first: one nonce may begin another.
    private var nonces: [(length: Int, known: Set<[UInt8]>)] = []
    /// Those that do not begin with the case's token; there are none in what the player makes.
    private var others: [[UInt8]] = []

    init(token: String, nonces: some Sequence<String>) {
        self.token = Array(token.utf8)
        var byLength: [Int: Set<[UInt8]>] = [:]
        for nonce in nonces {
            let bytes = Array(nonce.utf8)
            guard bytes.starts(with: self.token), !self.token.isEmpty else {
                self.others.append(bytes)
                continue
            }
            byLength[bytes.count, default: []].insert(bytes)
        }
        self.nonces = byLength.sorted { $0.key > $1.key }.map { ($0.key, $0.value) }
    }

    /// The nonces in a text, in order.
    func nonces(in bytes: [UInt8]) -> [String] {
        var found = self.others.filter { bytes.firstRange(of: $0) != nil }.map { String(decoding: $0, as: UTF8.self) }
        guard !self.token.isEmpty, bytes.count >= self.token.count else { return found }
        bytes.withUnsafeBufferPointer { buffer in
            var index = 0
            let first = self.token[0]
            while index + self.token.count <= buffer.count {
                guard buffer[index] == first, self.begins(buffer, at: index) else {
                    index += 1
                    continue
                }
                if let nonce = self.nonce(buffer, at: index) {
                    // A nonce whose number goes on is another one, which is not ours to find.
                    found.append(nonce)
                }
                index += self.token.count
            }
        }
        return found
    }

    private func begins(_ buffer: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
        for (offset, byte) in self.token.enumerated() where buffer[index + offset] != byte { return false }
        return true
    }

    private func nonce(_ buffer: UnsafeBufferPointer<UInt8>, at index: Int) -> String? {
        for (length, known) in self.nonces where index + length <= buffer.count {
            let end = index + length
            if end < buffer.count, (0x30...0x39).contains(buffer[end]) { continue }
            let candidate = Array(buffer[index..<end])
            if known.contains(candidate) { return String(decoding: candidate, as: UTF8.self) }
        }
        return nil
    }
}

extension ConnectionState {
    /// Everything that was received here, piece by piece, with the record that it came with.
    var received: [(sequence: Int, bytes: [UInt8])] {
        var all = self.items.map { (sequence: $0.sequence, bytes: Array($0.rawText.utf8)) }
        if let close = self.close { all.append((close.sequence, close.reason)) }
        if let (response, sequence) = self.response {
            all.append((sequence, response.head.bytes))
            all.append((sequence, response.body.bytes))
        }
        for exchange in self.exchanges.values.sorted(by: { $0.sequence < $1.sequence }) {
            if let head = exchange.head { all.append((exchange.sequence, head.raw.bytes)) }
            if !exchange.body.isEmpty { all.append((exchange.sequence, exchange.body)) }
        }
        if let unreadable = self.unreadable { all.append((unreadable.sequence, Array(unreadable.text.utf8))) }
        return all
    }
}
