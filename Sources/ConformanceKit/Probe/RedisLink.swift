import CHiredis

/// A blocking connection to Redis; opened when it is first needed, freed with its owner.
struct RedisLink: ~Copyable {
    private var context: UnsafeMutablePointer<redisContext>?

    init() { self.context = nil }

    deinit {
        if let context = self.context { redisFree(context) }
    }

    var isOpen: Bool { self.context != nil }

    mutating func close() {
        if let context = self.context { redisFree(context) }
        self.context = nil
    }

    /// Seconds that connecting and every command may take.
    private static let patience = 2

    mutating func connected(to address: Target.RedisAddress) throws(RedisOracle.Failure) -> RedisCommands {
        if let context = self.context { return RedisCommands(context: context) }
        let limit = timeval(tv_sec: Self.patience, tv_usec: 0)
        guard let context = redisConnectWithTimeout(address.host, Int32(address.port), limit) else {
            throw RedisOracle.Failure(message: "no memory for a connection to Redis")
        }
        guard context.pointee.err == 0 else {
            let why = RedisCommands(context: context).problem
            redisFree(context)
            throw RedisOracle.Failure(message: "Redis at \(address.host):\(address.port): \(why)")
        }
        _ = redisSetTimeout(context, limit)
        self.context = context
        let commands = RedisCommands(context: context)
        if !address.greeting.isEmpty { _ = try commands.string(address.greeting) }
        _ = try commands.string(["CLIENT", "SETNAME", "gqlconform-oracle"])
        if address.database != 0 { _ = try commands.string(["SELECT", String(address.database)]) }
        return commands
    }
}

/// Commands on an open connection; used only while its link is locked.
struct RedisCommands {
    let context: UnsafeMutablePointer<redisContext>

    var problem: String {
        withUnsafeBytes(of: self.context.pointee.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    func integer(_ words: [String]) throws(RedisOracle.Failure) -> Int {
        try self.run(words) { reply throws(RedisOracle.Failure) in
            guard reply.type == REDIS_REPLY_INTEGER else { throw self.unexpected(words, reply) }
            return Int(reply.integer)
        }
    }

    func string(_ words: [String]) throws(RedisOracle.Failure) -> String {
        try self.run(words) { reply throws(RedisOracle.Failure) in
            guard let text = Self.text(reply) else { throw self.unexpected(words, reply) }
            return text
        }
    }

    func strings(_ words: [String]) throws(RedisOracle.Failure) -> [String] {
        try self.run(words) { reply throws(RedisOracle.Failure) in
            guard reply.type == REDIS_REPLY_ARRAY else { throw self.unexpected(words, reply) }
            return (0..<reply.elements).compactMap { index in
                reply.element[index].flatMap { Self.text($0.pointee) }
            }
        }
    }

    /// The sum of the numbers in a list of names and numbers.
    func counts(_ words: [String]) throws(RedisOracle.Failure) -> Int {
        try self.run(words) { reply throws(RedisOracle.Failure) in
            guard reply.type == REDIS_REPLY_ARRAY else { throw self.unexpected(words, reply) }
            return (0..<reply.elements).reduce(0) { sum, index in
                guard let item = reply.element[index]?.pointee, item.type == REDIS_REPLY_INTEGER else { return sum }
                return sum + Int(item.integer)
            }
        }
    }

    private static func text(_ reply: redisReply) -> String? {
        let kinds = [REDIS_REPLY_STRING, REDIS_REPLY_STATUS]
        guard kinds.contains(reply.type), let bytes = reply.str else { return nil }
        return String(decoding: UnsafeRawBufferPointer(start: bytes, count: reply.len), as: UTF8.self)
    }

    private func unexpected(_ words: [String], _ reply: redisReply) -> RedisOracle.Failure {
        let text = reply.str.map { String(cString: $0) } ?? "type \(reply.type)"
        return RedisOracle.Failure(message: "Redis answered \(words.prefix(2).joined(separator: " ")) with \(text)")
    }

    /// The sum of the answers to commands that are sent together.
    func integers(_ commands: [[String]]) throws(RedisOracle.Failure) -> Int {
        for words in commands {
            guard Self.withPointers(words, { redisAppendCommandArgv(self.context, $0, $1, $2) }) == REDIS_OK else {
                throw RedisOracle.Failure(message: "Redis: \(self.problem)")
            }
        }
        var sum = 0
        for words in commands {
            var raw: UnsafeMutableRawPointer?
            guard redisGetReply(self.context, &raw) == REDIS_OK, let raw else {
                throw RedisOracle.Failure(message: "Redis: \(self.problem)")
            }
            defer { freeReplyObject(raw) }
            let reply = raw.assumingMemoryBound(to: redisReply.self).pointee
            guard reply.type == REDIS_REPLY_INTEGER else { throw self.unexpected(words, reply) }
            sum += Int(reply.integer)
        }
        return sum
    }

    private func run<Value>(
        _ words: [String], _ read: (redisReply) throws(RedisOracle.Failure) -> Value
    ) throws(RedisOracle.Failure) -> Value {
        guard let raw = Self.withPointers(words, { redisCommandArgv(self.context, $0, $1, $2) }) else {
            throw RedisOracle.Failure(message: "Redis: \(self.problem)")
        }
        defer { freeReplyObject(raw) }
        return try read(raw.assumingMemoryBound(to: redisReply.self).pointee)
    }

    /// Words as C wants them: their number, where each begins, and how long each is.
    private static func withPointers<Value>(
        _ words: [String],
        _ body: (Int32, UnsafeMutablePointer<UnsafePointer<CChar>?>, UnsafePointer<Int>) -> Value
    ) -> Value {
        let buffers = words.map { Array($0.utf8) }
        let lengths = buffers.map(\.count)
        let flat = buffers.flatMap { $0 }
        return flat.withUnsafeBufferPointer { bytes in
            var place = 0
            var pointers: [UnsafePointer<CChar>?] = []
            for length in lengths {
                let start = bytes.baseAddress.map { UnsafeRawPointer($0 + place).assumingMemoryBound(to: CChar.self) }
                pointers.append(start)
                place += length
            }
            return body(Int32(words.count), &pointers, lengths)
        }
    }
}
