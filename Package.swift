// swift-tools-version:6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

// The server side. Arrows point from the first to what it depends on; `Scripts/check-target-graph` holds the two
// sides apart.
let server: [Target] = [
    .target(name: "GraphQLCore", swiftSettings: settings),
    .target(name: "PubSub", swiftSettings: settings),
    .target(name: "SubscriptionProtocols", dependencies: ["GraphQLCore"], swiftSettings: settings),
    .target(
        name: "RedisPubSub",
        dependencies: [
            "PubSub", "CHiredis",
            .product(name: "Logging", package: "swift-log"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOSSL", package: "swift-nio-ssl"),
            .product(name: "NIOTLS", package: "swift-nio"),
        ],
        swiftSettings: settings),
    .target(
        name: "TokenVerification",
        dependencies: [
            .product(name: "Crypto", package: "swift-crypto"),
            .product(name: "JWTKit", package: "jwt-kit"),
        ],
        swiftSettings: settings),
    .target(
        name: "SubscriptionServer",
        dependencies: [
            "GraphQLCore", "PubSub", "SubscriptionProtocols",
            .product(name: "Crypto", package: "swift-crypto"),
            .product(name: "HummingbirdCore", package: "hummingbird"),
            .product(name: "Logging", package: "swift-log"),
            .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOHTTP2", package: "swift-nio-http2"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOSSL", package: "swift-nio-ssl"),
            .product(name: "NIOTLS", package: "swift-nio"),
            .product(name: "NIOWebSocket", package: "swift-nio"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        ],
        swiftSettings: settings),
    .target(
        name: "ReferenceDomains",
        dependencies: ["GraphQLCore", "PubSub"],
        resources: [.embedInCode("Schema")],
        swiftSettings: settings),
    .executableTarget(
        name: "reference-server",
        dependencies: [
            "GraphQLCore", "PubSub", "RedisPubSub", "ReferenceDomains", "SubscriptionProtocols", "SubscriptionServer",
            "TokenVerification",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            .product(name: "AsyncHTTPClient", package: "async-http-client"),
            .product(name: "Logging", package: "swift-log"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        ],
        resources: [.embedInCode("Assets")],
        swiftSettings: settings),
]

let runner: [Target] = [
    .target(
        name: "ConformanceKit",
        dependencies: [
            "CCurl", "CHiredis", "COpenSSL", "CProcess",
            .product(name: "Mustache", package: "swift-mustache"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOSSL", package: "swift-nio-ssl"),
            .product(name: "Yams", package: "Yams"),
        ],
        resources: [.embedInCode("Report/Templates"), .embedInCode("Schemas")],
        swiftSettings: settings),
    .target(
        name: "RealtimeClient",
        dependencies: [
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOSSL", package: "swift-nio-ssl"),
            .product(name: "NIOWebSocket", package: "swift-nio"),
        ],
        swiftSettings: settings),
    .executableTarget(
        name: "gqlconform",
        dependencies: [
            "ConformanceKit", "RealtimeClient",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        swiftSettings: settings),
]

// Programs for developers; `make bench` runs them.
let tools: [Target] = [
    .executableTarget(
        name: "graphql-bench", dependencies: ["GraphQLCore", "TestSupport"], path: "Benchmarks/graphql-bench",
        swiftSettings: settings),
    // A load of WebSocket clients that shares no code with server or runner.
    .executableTarget(
        name: "realtime-load",
        dependencies: [
            "TestSupport",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
        ],
        path: "Benchmarks/realtime-load", swiftSettings: settings),
]

let systemLibraries: [Target] = [
    // No pkg-config: its flags for hiredis are ones that SwiftPM refuses with a warning; the module map links it.
    .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    // Nothing but Linux itself: prctl, signalfd, fork and exec behind wrappers.
    .systemLibrary(name: "CProcess"),
]

let tests: [Target] = [
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
    .testTarget(name: "GraphQLCoreTests", dependencies: ["GraphQLCore", "TestSupport"], swiftSettings: settings),
    .testTarget(
        name: "SubscriptionProtocolsTests", dependencies: ["SubscriptionProtocols", "GraphQLCore", "TestSupport"],
        swiftSettings: settings),
    .testTarget(
        name: "PubSubTests",
        dependencies: [
            "PubSub", "RedisPubSub", "TestSupport",
            .product(name: "Logging", package: "swift-log"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
        ],
        swiftSettings: settings),
    .testTarget(
        name: "SubscriptionServerTests",
        dependencies: [
            "GraphQLCore", "PubSub", "SubscriptionProtocols", "SubscriptionServer", "TestSupport",
            .product(name: "Logging", package: "swift-log"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOEmbedded", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOSSL", package: "swift-nio-ssl"),
            .product(name: "NIOWebSocket", package: "swift-nio"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        ],
        swiftSettings: settings),
    .testTarget(
        name: "ReferenceDomainsTests", dependencies: ["GraphQLCore", "PubSub", "ReferenceDomains", "TestSupport"],
        swiftSettings: settings),
    // The Swift half of the comparison with graphql-core; `Tests/Differential/run` drives it.
    .executableTarget(
        name: "graphql-differential", dependencies: ["GraphQLCore"], path: "Tests/Differential/Driver",
        swiftSettings: settings),
    .testTarget(
        name: "TokenVerificationTests",
        dependencies: [
            "TokenVerification", "TestSupport",
            .product(name: "CryptoExtras", package: "swift-crypto"),
            .product(name: "JWTKit", package: "jwt-kit"),
        ],
        swiftSettings: settings),
    // Starts the built executables as child processes.
    .testTarget(
        name: "ReferenceServerTests",
        dependencies: [
            "GraphQLCore", "PubSub", "RealtimeClient", "ReferenceDomains", "SubscriptionProtocols",
            "SubscriptionServer", "TestSupport", "TokenVerification", "reference-server",
            .product(name: "Logging", package: "swift-log"),
        ],
        swiftSettings: settings),
    .testTarget(
        name: "ConformanceKitTests",
        dependencies: [
            "COpenSSL", "ConformanceKit", "TestSupport",
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOEmbedded", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
        ],
        swiftSettings: settings),
    .testTarget(
        name: "RealtimeClientTests",
        dependencies: [
            "RealtimeClient", "TestSupport",
            .product(name: "Crypto", package: "swift-crypto"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOEmbedded", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
        ],
        swiftSettings: settings),
    .testTarget(
        name: "GqlconformTests", dependencies: ["ConformanceKit", "TestSupport", "gqlconform", "reference-server"],
        swiftSettings: settings),
]

// An image has only the sources of the two programs.
let others = Context.environment["PROGRAMS_ONLY"] == nil ? tools + tests : []

let package = Package(
    name: "graphql-realtime-conformance",
    products: [
        .executable(name: "reference-server", targets: ["reference-server"]),
        .executable(name: "gqlconform", targets: ["gqlconform"]),
        .library(name: "RealtimeClient", targets: ["RealtimeClient"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache.git", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/vapor/jwt-kit.git", from: "5.7.1"),
    ],
    targets: server + runner + systemLibraries + others,
    swiftLanguageModes: [.v6]
)
