import SubscriptionServer

/// The pages for people: the dashboard at `/`, the subscription console at `/console`, and what the two load. Nothing
/// comes from elsewhere, and the browser is told to allow nothing else.
enum Pages {
    static let routes: [HTTPRoute] = [
        Self.route("/", Self.html, PackageResources.dashboard_html),
        Self.route("/console", Self.html, PackageResources.console_html),
        Self.route("/assets/style.css", "text/css; charset=utf-8", PackageResources.style_css),
        Self.route("/assets/connections.js", Self.script, PackageResources.connections_js),
        Self.route("/assets/dashboard.js", Self.script, PackageResources.dashboard_js),
        Self.route("/assets/console.js", Self.script, PackageResources.console_js),
    ]

    private static let html = "text/html; charset=utf-8"
    private static let script = "text/javascript; charset=utf-8"

    private static let fields: [HandshakeFacts.Field] = [
        .init(
            name: "Content-Security-Policy",
            value: "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
                + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
        .init(name: "X-Content-Type-Options", value: "nosniff"),
        .init(name: "Referrer-Policy", value: "no-referrer"),
        .init(name: "Cache-Control", value: "no-cache"),
    ]

    private static func route(_ path: String, _ type: String, _ bytes: [UInt8]) -> HTTPRoute {
        HTTPRoute(PathPattern(path), access: .open) { _ in .body(contentType: type, bytes, fields: Self.fields) }
    }
}
