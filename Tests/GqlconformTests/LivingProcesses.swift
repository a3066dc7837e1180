import Foundation

/// Whether a process with this id exists and is no zombie.
func isAlive(_ processID: Int32) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8),
        let end = text.lastIndex(of: ")")
    else { return false }
    return !text[end...].hasPrefix(") Z")
}

/// The ids of the living processes whose command line contains the text.
func processes(withCommandLineContaining text: String) -> [Int32] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return entries.compactMap { Int32($0) }.filter { processID in
        guard let data = FileManager.default.contents(atPath: "/proc/\(processID)/cmdline") else { return false }
        return String(decoding: data, as: UTF8.self).contains(text) && isAlive(processID)
    }
}
