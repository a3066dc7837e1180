import RedisPubSub
import Testing

@Suite("Redis URL")
struct RedisURLTests {
    struct Good: Sendable, CustomTestStringConvertible {
        let text: String
        var scheme = RedisURL.Scheme.redis
        let host: String
        var port = 6379
        var database = 0
        var user: String?
        var testDescription: String { self.text }
    }

    @Test(
        "Read",
        arguments: [
            Good(text: "redis://127.0.0.1", host: "127.0.0.1"),
            Good(text: "redis://127.0.0.1/", host: "127.0.0.1"),
            Good(text: "redis://redis.example:7000/12", host: "redis.example", port: 7000, database: 12),
            Good(text: "redis://:p%40ss@h/1", host: "h", database: 1),
            Good(text: "redis://us%65r:p:a@ss@h:1", host: "h", port: 1, user: "user"),
            Good(text: "redis://[::1]:65535/2", host: "::1", port: 65535, database: 2),
            Good(text: "redis://[::1]", host: "::1"),
            Good(text: "rediss://redis.example", scheme: .rediss, host: "redis.example"),
            Good(text: "rediss://u:p@[::1]:7/3", scheme: .rediss, host: "::1", port: 7, database: 3, user: "u"),
        ])
    func good(_ good: Good) throws {
        let url = try RedisURL(good.text)
        #expect(url.scheme == good.scheme)
        #expect(url.isSecure == (good.scheme == .rediss))
        #expect(url.host == good.host)
        #expect(url.port == good.port)
        #expect(url.database == good.database)
        #expect(url.user == good.user)
    }

    @Test(
        "Refused, without repeating what may be a password",
        arguments: [
            "", "127.0.0.1:6379", "http://h", "rediss:/:hidden@h", "rediss://", "redis://", "redis://:6379",
            "redis://h:0",
            "redis://h:65536", "redis://h:x", "redis://h/x", "redis://h/-1", "redis://hidden@h", "redis://:hidden%4@h",
            "redis-sentinel://:hidden@h", "redis-sentinel://:hidden@h/", "redis-sentinel://:hidden@h/ev ents",
            "redis-sentinel://:hidden@h/events/x", "redis-sentinel://:hidden@h,/events", "redis-sentinel:///events",
            "redis-sentinel://:hidden@h:1,i:x/events", "redis://:hidden@h,i/0", "sentinel://:hidden@h/events",
            "redis-sentinel://h//1", "redis-sentinel://h/events/1/2", "redis://:hidden%zz@h", "redis://[::1]x",
            "redis://:hidden@h:port",
        ])
    func bad(text: String) {
        #expect {
            try RedisURL(text)
        } throws: { error in
            !"\(error)".isEmpty && !"\(error)".contains("hidden")
        }
    }

    @Test("Described without user and password")
    func described() throws {
        #expect("\(try RedisURL("redis://me:hidden@[::1]:7/1"))" == "redis://[::1]:7/1")
        #expect("\(try RedisURL("rediss://me:hidden@h"))" == "rediss://h:6379/0")
    }

    @Test(
        "Sentinels, with all that is not given filled in",
        arguments: [
            ("redis-sentinel://h/events", "redis-sentinel://h:26379/events/0"),
            ("redis-sentinel://h:7,i,[::1]:9/my.ev-1_x/", "redis-sentinel://h:7,i:26379,[::1]:9/my.ev-1_x/0"),
            ("redis-sentinel://:hid%2Cden@h,i/events/12", "redis-sentinel://h:26379,i:26379/events/12"),
            ("rediss-sentinel://me:hidden@h/0/3", "rediss-sentinel://h:26379/0/3"),
        ])
    func sentinels(text: String, described: String) throws {
        let url = try RedisURL(text)
        #expect("\(url)" == described)
        #expect(url.isSecure == text.hasPrefix("rediss"))
        #expect(url.user == (text.contains("me:") ? "me" : nil))
    }
}

@Suite("Back-off")
struct BackoffTests {
    @Test(
        "Doubles up to the longest",
        arguments: zip([0, 1, 2, 3, 5, 6, 1000], [50, 50, 100, 200, 800, 1000, 1000]))
    func doubles(attempt: Int, milliseconds: Int) {
        #expect(Backoff().pause(afterAttempt: attempt, random: 1) == .milliseconds(milliseconds))
        #expect(Backoff().pause(afterAttempt: attempt, random: 0) == .milliseconds(milliseconds) / 2)
    }
}
