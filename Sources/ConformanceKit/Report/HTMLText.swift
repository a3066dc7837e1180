import Mustache

/// Text inside HTML and XML.
enum HTMLText {
    /// The text with its markup escaped and without what XML 1.0 §2.2 forbids. Scalar by scalar: a `<` with a combining
    /// mark behind it is one `Character`, but still opens a tag.
    static func escaped(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n", "\t", "\r": result.unicodeScalars.append(scalar)
            default: result.unicodeScalars.append(self.isForbidden(scalar) ? "\u{FFFD}" : scalar)
            }
        }
        return result
    }

    /// Controls, and marks that change the direction of the text around them.
    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069, 0xFFFE, 0xFFFF: true
        default: false
        }
    }
}

/// The templates of reports.
enum ReportTemplates {
    /// A template by name, rendered; the names are those of the files.
    static func render(_ name: String, _ model: [String: Any]) throws(HarnessError) -> String {
        do {
            guard let text = try self.library.get().render(model, withTemplate: name) else {
                throw HarnessError("There is no report template \(name).")
            }
            return text
        } catch let error as HarnessError {
            throw error
        } catch {
            throw HarnessError("The report templates cannot be read: \(error)")
        }
    }

    /// The content of a file that is put into a page as it is.
    static func file(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private static let library: Result<MustacheLibrary, any Error> = Result {
        MustacheContentTypes.register(ScalarContentType(), named: "REPORT")
        var library = MustacheLibrary()
        let files = [
            ("report", PackageResources.report_mustache), ("case", PackageResources.case_mustache),
            ("timeline", PackageResources.timeline_mustache), ("compare", PackageResources.compare_mustache),
            ("plot", PackageResources.plot_mustache),
        ]
        for (name, bytes) in files { try library.register(ReportTemplates.file(bytes), named: name) }
        return library
    }

    private struct ScalarContentType: MustacheContentType {
        func escapeText(_ text: String) -> String { HTMLText.escaped(text) }
    }
}
