import Glibc

/// Finds programs the way a shell does.
package enum ExecutableSearch {
    /// The path of the program: the name itself if it holds a slash, else the first match in the directories of
    /// `searchPath` (separated by colons); `nil` if there is no executable file.
    package static func find(_ name: String, searchPath: String) -> String? {
        if name.contains("/") { return self.isExecutableFile(name) ? name : nil }
        for directory in searchPath.split(separator: ":") {
            let path = "\(directory)/\(name)"
            if self.isExecutableFile(path) { return path }
        }
        return nil
    }

    private static func isExecutableFile(_ path: String) -> Bool {
        var facts = stat()
        guard stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return false }
        return access(path, X_OK) == 0
    }
}
