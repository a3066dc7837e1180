/// What the systems tell their clients in words, in one place; codes stand where an error is thrown.
enum ClientMessages {
    // Who may do what
    static let needsToken = "This needs a token."
    static let notYourTenant = "This is not your tenant."
    static let notYourTicket = "You may see this ticket, but not do this to it."
    static func needs(permission: String) -> String { "This needs the permission \"\(permission)\"." }
    static func needs(roles: [String]) -> String { "This needs the role \(roles.joined(separator: " or "))." }

    // What there is
    static func absent(_ noun: String) -> String { "There is no such \(noun)." }
    static func isThere(_ noun: String, _ id: String) -> String { "There is a \(noun) \"\(id)\" already." }
    static func hasChanged(_ noun: String, _ version: Int64) -> String {
        "The \(noun) has changed: it has version \(version) now."
    }
    static func stands(_ noun: String, _ status: String) -> String { "The \(noun) is \(status)." }
    static func hasStatus(_ noun: String, _ status: String) -> String {
        "The \(noun) has the status \(status) already."
    }
    static let retired = "The service is retired, its status does not change any more."

    // What was given
    static let changesNothing = "The input changes nothing."
    static func characters(_ what: String, upTo longest: Int) -> String { "\(what) has 1 to \(longest) characters." }
    static func argument(_ name: String) -> String { "Argument \"\(name)\"" }
    static func choice(_ name: String, of choices: some Sequence<String>) -> String {
        "\(self.argument(name)) is one of \(choices.joined(separator: ", "))."
    }
    static func unusable(_ name: String, _ rule: String) -> String {
        "\(self.argument(name)) cannot be used: it \(rule)."
    }
    static let noChannelName = "The arguments make no usable channel name."
    static func tooLarge(_ what: String, _ bytes: Int) -> String { "\(what) has at most \(bytes) bytes." }
    static func noEventType(_ name: String) -> String { "There is no event type \"\(name)\"." }
    static let payloadNoObject = "The payload must be an object."
    static func items(upTo longest: Int64) -> String { "itemsTotal must be from 1 to \(longest)." }
    static func member(_ name: String, of event: String, _ what: String) -> String { "\(event): \"\(name)\" \(what)." }

    // Tickets
    static func full(_ part: String, _ longest: Int) -> String {
        "The ticket has \(longest) \(part) already, and no ticket has more."
    }
    static func has(_ part: String) -> String { "The ticket has this \(part) already." }
    static let noSuchTag = "The ticket has no such tag."
    static let watched = "You watch it already."
    static let unwatched = "You do not watch it."
    static let assigned = "The ticket is assigned so already."
    static let unassigned = "The ticket is assigned to nobody."
    static let related = "The tickets are related so already."
    static let relatedToItself = "A ticket is not related to itself."

    // Queries
    static func unheard(_ seconds: Int64) -> String { "Nothing was heard of this query within \(seconds) seconds." }
    static let unknownProgress = "The progress of this query is no longer known."
    static let queryFailed = "The query has failed."

    // Events
    static let unavailable = "Events are not available right now, please try again later."
    static let timedOut = "The event source did not answer in time, please try again later."
    static let overloaded = "Too many events are being published, please try again later."
    static let refused = "The event source refused the request."
    static let ended = "The stream has ended."

    // Jobs and campaigns
    static let nobodyWorks = "Nobody works on it any more: its server was stopped, or could not go on."
}

/// Why a message of the bus was not used, for the log.
enum SkipReasons {
    static func noJSON(_ error: String) -> String { "not JSON: \(error)" }
    static let noObject = "not a JSON object"
    static let otherTenant = "tenant_id is that of another tenant"
    static let otherCustomer = "customer_id is that of another customer"
    static let otherSession = "session_id is that of another session, or missing"
    static let noTicket = "an event without a ticket"
    static let noDocument = "no document of that id"
}
