import PubSub

extension StoreCommand {
    /// The command as Redis takes it.
    var resp: RESPCommand {
        switch self {
        case .get(let key): return Self.command("GET", key)
        case .set(let key, let value, let expiry, let onlyIfAbsent):
            var rest = [value]
            if let expiry { rest += [Array("PX".utf8), Self.milliseconds(expiry)] }
            if onlyIfAbsent { rest.append(Array("NX".utf8)) }
            return Self.command("SET", key, rest)
        case .remove(let key): return Self.command("DEL", key)
        case .expire(let key, let expiry): return Self.command("PEXPIRE", key, [Self.milliseconds(expiry)])
        case .increment(let key, let amount): return Self.command("INCRBY", key, [Array(String(amount).utf8)])
        case .hashGet(let key, let field): return Self.command("HGET", key, [Array(field.utf8)])
        case .hashSet(let key, let fields, let expiry):
            let pairs = fields.flatMap { [Array($0.key.utf8), $0.value] }
            guard let expiry else { return Self.command("HSET", key, pairs) }
            let head = ["EVAL", Self.setExpiringHash, "1", key].map { Array($0.utf8) }
            return RESPCommand(head + [Self.milliseconds(expiry)] + pairs)
        case .hashReplace(let change):
            let head = ["EVAL", Self.replaceInHash, "1", change.key, change.field].map { Array($0.utf8) }
            let values = [change.expected, change.replacement].flatMap {
                [Array(($0 == nil ? "0" : "1").utf8), $0 ?? []]
            }
            return RESPCommand(head + values + change.announcements.flatMap { [$0.channel.utf8, $0.message] })
        case .hashAll(let key): return Self.command("HGETALL", key)
        case .hashRemove(let key, let fields): return Self.command("HDEL", key, fields.map { Array($0.utf8) })
        case .setAdd(let key, let members): return Self.command("SADD", key, members.map { Array($0.utf8) })
        case .setRemove(let key, let members): return Self.command("SREM", key, members.map { Array($0.utf8) })
        case .setContains(let key, let member): return Self.command("SISMEMBER", key, [Array(member.utf8)])
        case .setMembers(let key): return Self.command("SMEMBERS", key)
        case .streamAppend(let key, let fields, let keeping):
            let options = ["MAXLEN", "~", String(keeping), "*"].map { Array($0.utf8) }
            return Self.command("XADD", key, options + fields.flatMap { [Array($0.name.utf8), $0.value] })
        case .streamRange(let key, let after, let limit):
            let start = after.map { "(\($0)" } ?? "-"
            return Self.command("XRANGE", key, [start, "+", "COUNT", String(limit)].map { Array($0.utf8) })
        case .streamEdge(let key, let newest):
            let (name, range) = newest ? ("XREVRANGE", ["+", "-"]) : ("XRANGE", ["-", "+"])
            return Self.command(name, key, (range + ["COUNT", "1"]).map { Array($0.utf8) })
        case .script(let script, let keys, let arguments):
            // Redis keeps what it has compiled, under the hash of the text.
            let head = ["EVAL", script.lua, String(keys.count)] + keys
            return RESPCommand(head.map { Array($0.utf8) } + arguments)
        }
    }

    /// For messages to operators; names no key.
    var name: String {
        switch self {
        case .get: "GET"
        case .set: "SET"
        case .remove: "DEL"
        case .expire: "PEXPIRE"
        case .increment: "INCRBY"
        case .hashGet: "HGET"
        case .hashSet, .hashReplace: "HSET"
        case .hashAll: "HGETALL"
        case .hashRemove: "HDEL"
        case .setAdd: "SADD"
        case .setRemove: "SREM"
        case .setContains: "SISMEMBER"
        case .setMembers: "SMEMBERS"
        case .streamAppend: "XADD"
        case .streamRange, .streamEdge: "XRANGE"
        case .script(let script, _, _): "EVAL (\(script.name))"
        }
    }

    /// ARGV: milliseconds, then fields and values.
    private static let setExpiringHash = """
        local added = redis.call('HSET', KEYS[1], unpack(ARGV, 2))
        redis.call('PEXPIRE', KEYS[1], ARGV[1])
        return added
        """

    /// ARGV: field, whether something is expected, what, whether something replaces it, what; then channels and
    /// messages. A field that is not there is `false` in Lua.
    private static let replaceInHash = """
        local expected = ARGV[2] == '1' and ARGV[3]
        if redis.call('HGET', KEYS[1], ARGV[1]) ~= expected then return 0 end
        if ARGV[4] == '1' then
            redis.call('HSET', KEYS[1], ARGV[1], ARGV[5])
        else
            redis.call('HDEL', KEYS[1], ARGV[1])
        end
        for place = 6, #ARGV, 2 do redis.call('PUBLISH', ARGV[place], ARGV[place + 1]) end
        return 1
        """

    private static func command(_ name: String, _ key: String, _ rest: [[UInt8]] = []) -> RESPCommand {
        RESPCommand([Array(name.utf8), Array(key.utf8)] + rest)
    }

    /// Rounded up, and never 0, which Redis refuses.
    private static func milliseconds(_ duration: Duration) -> [UInt8] {
        let (seconds, attoseconds) = duration.components
        let rounded = seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Array(String(max(1, rounded)).utf8)
    }
}

extension StoreReply {
    /// - Throws: `refused` when Redis answered with an error, alone or within an array.
    init(_ reply: RESPReply, to command: StoreCommand) throws(BusError) {
        switch reply {
        case .error(let text): throw BusError(.refused, "Redis answered \(command.name) with \(text)")
        case .status(let text): self = .bytes(Array(text.utf8))
        case .integer(let number): self = .integer(number)
        case .bytes(let bytes): self = .bytes(bytes)
        case .null: self = .null
        case .array(let elements):
            var replies: [StoreReply] = []
            for element in elements { replies.append(try StoreReply(element, to: command)) }
            self = .array(replies)
        }
    }
}
