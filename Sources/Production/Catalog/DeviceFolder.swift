import Foundation
public import Ground

/// All that `devices/` and `firmware-specs/` hold, checked: each fault says file, line and reason.
public struct DeviceFolder: Sendable {
    public let printers: [PrinterModel]
    public let cameras: [CameraModel]
    /// Facts in all firmware specs.
    public let facts: Int
    public let transcripts: Int
    public let faults: [SakkError]

    static let headings = ["Introduction", "Identity", "Stations", "Quirks", "Unproven", "Models"]

    /// `devices` and `specs` are folders.
    public init(devices: String, specs: String) {
        var printers: [PrinterModel] = []
        var cameras: [CameraModel] = []
        var faults: [SakkError] = []
        var facts: [String: Set<String>] = [:]
        var transcripts = 0
        func trial(_ body: () throws(SakkError) -> Void) {
            do throws(SakkError) { try body() } catch { faults.append(error) }
        }
        for family in DeviceFolder.folders(specs) {
            trial { () throws(SakkError) in
                facts[family] = try DeviceFolder.facts("\(specs)/\(family)/README.md")
            }
        }
        for family in DeviceFolder.folders(devices) {
            let folder = "\(devices)/\(family)"
            let isCamera = CameraModel.Family(rawValue: family) != nil
            trial { () throws(SakkError) in
                try DeviceFolder.checkHeadings("\(folder)/README.md", camera: isCamera)
            }
            for file in DeviceFolder.files(folder, ".yaml") {
                trial { () throws(SakkError) in
                    if isCamera {
                        let model = try CameraModel(path: "\(folder)/\(file)")
                        guard model.family.rawValue == family else {
                            throw DeviceFolder.fault(
                                model.path, 1, "the family is \(model.family.rawValue), the folder's name is \(family)")
                        }
                        cameras.append(model)
                        return
                    }
                    let model = try PrinterModel(path: "\(folder)/\(file)")
                    guard model.family.rawValue == family else {
                        throw DeviceFolder.fault(
                            model.path, 1, "the family is \(model.family.rawValue), the folder's name is \(family)")
                    }
                    guard facts[family] != nil else {
                        throw DeviceFolder.fault(model.path, 1, "the family has no firmware spec in \(specs)/\(family)")
                    }
                    printers.append(model)
                }
            }
            for file in DeviceFolder.files(folder + "/transcripts", ".txt") {
                transcripts += 1
                trial { () throws(SakkError) in
                    try DeviceFolder.checkTranscript("\(folder)/transcripts/\(file)", facts[family] ?? [])
                }
            }
        }
        self.printers = printers
        self.cameras = cameras
        self.facts = facts.values.reduce(0) { $0 + $1.count }
        self.transcripts = transcripts
        self.faults = faults
    }

    // MARK: files

    private static func folders(_ path: String) -> [String] {
        files(path, "").filter { name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: "\(path)/\(name)", isDirectory: &isFolder)
                && isFolder.boolValue
        }
    }

    private static func files(_ path: String, _ ending: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).filter { $0.hasSuffix(ending) }.sorted()
    }

    private static func lines(_ path: String) throws(SakkError) -> [String] {
        guard let bytes = FileBytes.read(path), let text = String(validating: bytes, as: UTF8.self) else {
            throw SakkError(
                "config.file.missing", source: path, text: "The file cannot be read as text.",
                remedy: "Write it: devices/README.md says what belongs where.")
        }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private static func fault(_ path: String, _ line: Int, _ reason: String) -> SakkError {
        SakkError(
            "config.device", source: "\(path):\(line)", text: "Line \(line): \(reason).",
            remedy: "Correct the line; devices/README.md and firmware-specs/README.md say what belongs where.")
    }

    private static func checkHeadings(_ path: String, camera: Bool) throws(SakkError) {
        let lines = try lines(path)
        let found = lines.filter { $0.hasPrefix("## ") }.map { String($0.dropFirst(3)) }
        let wanted = camera ? found : headings
        for (index, heading) in wanted.enumerated() where index >= found.count || found[index] != heading {
            let line = (lines.firstIndex(of: "## " + (index < found.count ? found[index] : "")) ?? lines.count - 1) + 1
            throw fault(path, line, "the heading '\(heading)' belongs here")
        }
    }

    /// Names of the facts: first cells of tables whose last column is `mark`, each once and with a mark.
    private static func facts(_ path: String) throws(SakkError) -> Set<String> {
        var names: Set<String> = []
        var columns: Int?
        for (index, line) in try lines(path).enumerated() {
            guard line.hasPrefix("|") else {
                columns = nil
                continue
            }
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            if cells.last == "mark" {
                columns = cells.count
                continue
            }
            guard let columns, !(cells.first ?? "").hasPrefix("---") else { continue }
            guard cells.count == columns else {
                throw fault(path, index + 1, "the table has \(columns) columns, this line \(cells.count)")
            }
            guard let name = cells.first, !name.isEmpty, let mark = cells.last, !mark.isEmpty else {
                throw fault(path, index + 1, "a fact needs a name and a mark of its source")
            }
            guard names.insert(name).inserted else { throw fault(path, index + 1, "the fact \(name) stands twice") }
        }
        return names
    }

    /// Line kinds, hexadecimal, and that every fact that is named is one of the spec.
    private static func checkTranscript(_ path: String, _ facts: Set<String>) throws(SakkError) {
        for (index, line) in try lines(path).enumerated() where !line.isEmpty {
            switch line.prefix(2) {
            case "# ":
                for word in line.split(whereSeparator: { " ,:;.()".contains($0) }) {
                    let name = String(word)
                    guard let first = name.first, first.isUppercase, name.count > 1,
                        name.dropFirst().allSatisfy(\.isNumber)
                    else { continue }
                    guard facts.contains(name) else { throw fault(path, index + 1, "there is no fact \(name)") }
                }
            case "> ", "< ":
                for part in line.dropFirst(2).split(separator: "<", omittingEmptySubsequences: false).dropFirst() {
                    let unit = part.split(separator: ">", omittingEmptySubsequences: false)
                    guard unit.count == 2, let hex = unit[0].split(separator: "*").first,
                        Bytes(hex: String(hex)) != nil
                    else { throw fault(path, index + 1, "bytes in angle brackets are hexadecimal digits") }
                }
            case "* ": continue
            default: throw fault(path, index + 1, "a line begins with #, >, < or * and a blank")
            }
        }
    }
}
