extension Identity {
    /// Who does something, for records and events; on a server that asks nobody for a token there is one for all.
    var actor: String { self.user ?? "anonymous" }
}
