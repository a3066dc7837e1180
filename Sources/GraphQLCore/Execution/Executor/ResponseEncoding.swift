extension ExecutionResult {
    /// What every encoded result begins with while it is being written.
    static let dataPrefix: StaticString = "{\"data\":"

    /// The result of what has been written after `dataPrefix`; null data when the root failed.
    init(written: consuming [UInt8], isWritten: Bool, errors: [GraphQLError], wasCancelled: Bool = false) {
        if !isWritten {
            written.append(ascii: "null")
        }
        written.append(UInt8(ascii: "}"))
        guard !errors.isEmpty else {
            self.init(body: written, wasCancelled: wasCancelled)
            return
        }
        // Errors come first, so that they are not overlooked (GraphQL §7.1.2).
        var body: [UInt8] = []
        body.reserveCapacity(written.count + 160 * errors.count)
        body.append(UInt8(ascii: "{"))
        body.appendErrors(errors)
        body.append(UInt8(ascii: ","))
        body.append(contentsOf: written[1...])
        self.init(body: body, errors: errors, wasCancelled: wasCancelled)
    }
}

extension RequestError {
    /// The response: `{"errors":[…]}`, without `data` (GraphQL §7.1).
    package var body: [UInt8] {
        var body: [UInt8] = [UInt8(ascii: "{")]
        body.appendErrors(self.errors)
        body.append(UInt8(ascii: "}"))
        return body
    }
}

extension [UInt8] {
    /// Appends the member `errors`.
    fileprivate mutating func appendErrors(_ errors: [GraphQLError]) {
        self.append(ascii: "\"errors\":[")
        var isFirst = true
        for error in errors {
            if !isFirst {
                self.append(UInt8(ascii: ","))
            }
            isFirst = false
            self.appendJSON(error.json())
        }
        self.append(UInt8(ascii: "]"))
    }
}
