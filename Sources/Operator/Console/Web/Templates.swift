import Foundation
import Ground
import Mustache

/// The pages' templates, and every text that they ask for.
struct Templates: Sendable {
    private let library: MustacheLibrary

    /// Throws `console.template` for one that cannot be read, `console.language` for a text that no language has.
    init(folder: String, catalogue: Catalogue) throws(SakkError) {
        var library = MustacheLibrary()
        for (name, text) in try Templates.sources(folder) {
            do {
                try library.register(text, named: name)
            } catch {
                throw Templates.error("Template \(name) is wrong: \(error)", folder)
            }
            let unknown = Templates.keys(text).filter { !catalogue.keys.contains($0) }
            guard unknown.isEmpty else {
                throw Catalogue.error(
                    "No language has the texts of template \(name): \(unknown.joined(separator: ", ")).", folder)
            }
        }
        self.library = library
    }

    static func sources(_ folder: String) throws(SakkError) -> [(name: String, text: String)] {
        guard let files = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw error("The folder cannot be read.", folder)
        }
        var found: [(String, String)] = []
        for file in files.sorted() where file.hasSuffix(".mustache") {
            guard let text = try? String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8) else {
                throw error("Template \(file) cannot be read.", folder)
            }
            found.append((String(file.dropLast(9)), text))
        }
        return found
    }

    /// `t.x.y` of each tag that asks for a text.
    static func keys(_ template: String) -> [String] {
        template.matches(of: /\{\{\{?\s*t\.([a-z0-9_.]+)\s*\}\}/).map { String($0.1) }
    }

    private static func error(_ text: String, _ folder: String) -> SakkError {
        SakkError("console.template", source: folder, text: text, remedy: "Install the program's resources anew.")
    }

    /// Empty when there is no such template.
    func render(_ name: String, _ model: JSONValue, frame: JSONValue, _ wording: Wording) -> String {
        let root = PageRoot(
            model: PageValue(json: model, wording: wording), frame: PageValue(json: frame, wording: wording))
        return library.render(root, withTemplate: name) ?? ""
    }

    func has(_ name: String) -> Bool { library.getTemplate(named: name) != nil }
}
