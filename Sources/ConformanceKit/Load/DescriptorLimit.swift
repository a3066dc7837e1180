import Glibc

/// How many files and sockets this process may have open.
package enum DescriptorLimit {
    /// Raises the limit as far as it is needed, and that of programs that are started from here.
    ///
    /// - Throws: If the system does not let it, with what to do about it.
    package static func raise(to needed: Int) throws(HarnessError) {
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(kind, &limit) == 0 else { return }
        let wanted = rlim_t(max(0, needed))
        guard limit.rlim_cur < wanted else { return }
        var raised = limit
        raised.rlim_cur = max(wanted, min(limit.rlim_max, wanted * 2))
        // Only a privileged process may go beyond the hard limit.
        raised.rlim_max = max(limit.rlim_max, raised.rlim_cur)
        guard setrlimit(kind, &raised) == 0 else {
            throw HarnessError(
                "\(needed) descriptors are needed, and this process may have \(limit.rlim_max): "
                    + "raise the hard limit (`ulimit -Hn \(needed)` as root, or LimitNOFILE of its service), or ask for less."
            )
        }
    }
}
