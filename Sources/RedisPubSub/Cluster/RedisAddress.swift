package import Logging
package import NIOCore

/// Where Redis is, one or a cluster of them.
package enum RedisAddress: Sendable, Hashable {
    case single(RedisURL)
    case cluster(RedisClusterURL)

    /// Reads a URL; its scheme says which.
    package init(_ text: String) throws(RedisURL.ParseError) {
        if RedisClusterURL.Scheme(of: text) != nil {
            self = .cluster(try RedisClusterURL(text))
        } else {
            self = .single(try RedisURL(text))
        }
    }

    /// Whether the links use TLS.
    package var isSecure: Bool {
        switch self {
        case .single(let url): url.isSecure
        case .cluster(let url): url.seeds[0].isSecure
        }
    }

    /// A bus to that address, which does nothing before `run()`.
    ///
    /// - Parameters:
    ///   - clientName: See `RedisBusConfiguration`.
    ///   - configure: Sets what else there is to set.
    package func broker(
        clientName: String, group: any EventLoopGroup, logger: Logger,
        _ configure: (inout RedisBusConfiguration) -> Void = { _ in }
    ) -> any RedisBroker {
        switch self {
        case .single(let url):
            var configuration = RedisBusConfiguration(url: url, clientName: clientName)
            configure(&configuration)
            return RedisBus(configuration: configuration, group: group, logger: logger)
        case .cluster(let url):
            var configuration = RedisBusConfiguration(url: url.seeds[0], clientName: clientName)
            configure(&configuration)
            return RedisClusterBus(url: url, configuration: configuration, group: group, logger: logger)
        }
    }
}

extension RedisAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .single(let url): "\(url)"
        case .cluster(let url): "\(url)"
        }
    }
}
