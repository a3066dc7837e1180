import PubSub

extension ClusterCore {
    /// Put before every key, so that all are in one slot: a script may have any of them.
    static let keyTag = "{realtime}"

    func publish(
        _ message: [UInt8], to channel: ChannelName, _ completion: @escaping (Result<Int, BusError>) -> Void
    ) {
        let command = RESPCommand([Array("SPUBLISH".utf8), channel.utf8, message])
        self.send(command, slot: KeySlot.of(channel.utf8)) { reply in
            switch reply {
            case .success(.integer(let receivers)): completion(.success(Int(receivers)))
            case .success(.error(let text)):
                completion(.failure(BusError(.refused, "Redis answered SPUBLISH with \(text)")))
            case .success: completion(.failure(BusError(.refused, "Redis answered SPUBLISH with no number")))
            case .failure(let error): completion(.failure(error))
            }
        }
    }

    /// Carries a command out. What a change announces is published right after it, since the channels are at other
    /// nodes than the key; in the order of the changes made from here, as their answers come in order.
    func perform(_ command: StoreCommand, _ completion: @escaping RedisLink.Completion) {
        var command = command.mappingKeys { Self.keyTag + $0 }
        var announcements: [HashReplacement.Announcement] = []
        if case .hashReplace(let change) = command {
            announcements = change.announcements
            command = .hashReplace(
                HashReplacement(
                    key: change.key, field: change.field, expected: change.expected, replacement: change.replacement,
                    announcements: []))
        }
        let slot = KeySlot.of(Array((command.keys.first ?? Self.keyTag).utf8))
        self.send(command.resp, slot: slot) { reply in
            guard reply == .success(.integer(1)), !announcements.isEmpty else { return completion(reply) }
            var missing = announcements.count
            var failure: BusError?
            for announcement in announcements {
                self.publish(announcement.message, to: announcement.channel) { outcome in
                    if case .failure(let error) = outcome { failure = failure ?? error }
                    missing -= 1
                    if missing == 0 { completion(failure.map { .failure($0) } ?? reply) }
                }
            }
        }
    }
}

extension StoreCommand {
    /// The same command with other keys.
    func mappingKeys(_ name: (String) -> String) -> StoreCommand {
        switch self {
        case .get(let key): .get(key: name(key))
        case .set(let key, let value, let expiry, let onlyIfAbsent):
            .set(key: name(key), value: value, expiry: expiry, onlyIfAbsent: onlyIfAbsent)
        case .remove(let key): .remove(key: name(key))
        case .expire(let key, let expiry): .expire(key: name(key), after: expiry)
        case .increment(let key, let amount): .increment(key: name(key), by: amount)
        case .hashGet(let key, let field): .hashGet(key: name(key), field: field)
        case .hashSet(let key, let fields, let expiry): .hashSet(key: name(key), fields: fields, expiry: expiry)
        case .hashReplace(let change):
            .hashReplace(
                HashReplacement(
                    key: name(change.key), field: change.field, expected: change.expected,
                    replacement: change.replacement, announcements: change.announcements))
        case .hashAll(let key): .hashAll(key: name(key))
        case .hashRemove(let key, let fields): .hashRemove(key: name(key), fields: fields)
        case .setAdd(let key, let members): .setAdd(key: name(key), members: members)
        case .setRemove(let key, let members): .setRemove(key: name(key), members: members)
        case .setContains(let key, let member): .setContains(key: name(key), member: member)
        case .setMembers(let key): .setMembers(key: name(key))
        case .streamAppend(let key, let fields, let keeping):
            .streamAppend(key: name(key), fields: fields, keeping: keeping)
        case .streamRange(let key, let after, let limit): .streamRange(key: name(key), after: after, limit: limit)
        case .streamEdge(let key, let newest): .streamEdge(key: name(key), newest: newest)
        case .script(let script, let keys, let arguments):
            .script(script, keys: keys.map(name), arguments: arguments)
        }
    }
}
