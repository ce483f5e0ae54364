import Foundation
import Ground

/// Writes a cell: the jobs and pictures that an inspection is given, and apart from them what is true.
struct CellWriter {
    private let maker: CellMaker
    private let folder: String
    private let labels: String
    private let files: PictureFile
    private var jobs: [String] = []
    private var truths: [String] = []
    private var written: Set<String> = []

    init(_ maker: CellMaker, folder: String) throws(SakkError) {
        self.maker = maker
        self.folder = folder + "/" + maker.name
        labels = folder + "/labels"
        files = PictureFile(space: maker.plan.space)
        do {
            for path in [self.folder, labels] {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            }
        } catch {
            throw SakkError(
                "defects.unwritable", source: folder, text: "The folder cannot be made.",
                remedy: "Check its permissions.")
        }
        let fields = maker.layout.places.map { place in
            let box = [place.box.x, place.box.y, place.box.width, place.box.height].map(Self.number)
            return
                "{\"name\":\"\(place.name)\",\"side\":\"\(place.side.rawValue)\",\"kind\":\"\(place.kind.rawValue)\",\"rect_mm\":[\(box.joined(separator: ","))]}"
        }
        try text("{\"fields\":[\n\(fields.joined(separator: ",\n"))\n]}\n", "fields.json")
        try text(
            "{\"schema\":\"sakk.defect-cell/1\",\"seeds\":\"\(maker.plan.space.rawValue)\",\"format\":\"\(maker.layout.isPassport ? "TD3" : "TD1")\"}\n",
            "cell.json")
    }

    mutating func write(_ take: Take, _ item: DefectPlan.Item, _ index: Int) throws(SakkError) {
        let id = "\(maker.name)-\(index < 10 ? "0" : "")\(index)"
        let layout = maker.layout
        var reference = "reference-\(take.person)-\(take.side.rawValue).png"
        if let own = take.reference {
            reference = "reference-\(index).png"
            try files.write(own, to: folder + "/" + reference)
        } else if written.insert(reference).inserted, let sheet = maker.people[take.person].drawing.reference[take.side]
        {
            try files.write(sheet, to: folder + "/" + reference)
        }
        try files.write(take.capture, to: "\(folder)/capture-\(index).png")
        var parts = [
            "\"schema\":\"sakk.inspect-job/1\"", "\"id\":\"\(id)\"", "\"side\":\"\(take.side.rawValue)\"",
            "\"reference\":\"\(reference)\"", "\"capture\":\"capture-\(index).png\"",
            "\"px_per_mm\":\(Self.number(layout.dotsPerMM))",
        ]
        if take.isSigned { parts.append("\"expected\":\(try expected(take))") }
        jobs.append("{\(parts.joined(separator: ","))}")
        truths.append(label(take, item, id))
    }

    private mutating func expected(_ take: Take) throws(SakkError) -> String {
        let content = maker.people[take.person].content
        let places = maker.layout.places(take.side)
        func pairs(_ places: [Layout.Place], _ values: [String: String]) -> String {
            places.map { "\(Self.quoted($0.name)):\(Self.quoted(values[$0.name] ?? ""))" }.joined(separator: ",")
        }
        var parts = [
            "\"text\":{\(pairs(places.filter { $0.kind == .text && content.texts[$0.name] != nil }, content.texts))}"
        ]
        // a product's zone and codes are made of its record by the program that draws it
        let isOwn = content.record == nil
        if isOwn, places.contains(where: { $0.kind == .mrz }) {
            parts.append("\"mrz\":[\(content.zone.map(Self.quoted).joined(separator: ","))]")
        }
        let codes = places.filter { $0.kind.symbol != nil }
        if isOwn, !codes.isEmpty { parts.append("\"codes\":{\(pairs(codes, content.codes))}") }
        if places.contains(where: { $0.kind == .portrait }) {
            let name = "portrait-\(take.person).png"
            if written.insert(name).inserted { try files.write(content.portrait, to: folder + "/" + name) }
            parts.append("\"portrait\":\"\(name)\"")
        }
        return "{\(parts.joined(separator: ","))}"
    }

    private func label(_ take: Take, _ item: DefectPlan.Item, _ id: String) -> String {
        let box = [take.box.x, take.box.y, take.box.width, take.box.height].map(Self.number)
        let measures = take.measures.map { "\"\($0.name)\":\(Self.number($0.value))" }
        return """
            {"schema":"sakk.defect-label/1","id":"\(id)","seeds":"\(maker.plan.space.rawValue)","side":"\(take.side.rawValue)",\
            "group":"\(item.defect?.group.rawValue ?? "good")","class":"\(item.defect?.rawValue ?? "good")",\
            "severity":"\(item.severity?.rawValue ?? "none")","visible":\(take.isVisible),"signed":\(take.isSigned),\
            "box_mm":[\(box.joined(separator: ","))],"measures":{\(measures.joined(separator: ","))}}
            """
    }

    /// Last: who sees the label file sees a whole cell.
    func finish() throws(SakkError) {
        try text(jobs.joined(separator: "\n") + "\n", "jobs.jsonl")
        try text(truths.joined(separator: "\n") + "\n", "../labels/\(maker.name).jsonl")
    }

    private func text(_ text: String, _ name: String) throws(SakkError) {
        guard FileManager.default.createFile(atPath: folder + "/" + name, contents: Data(text.utf8)) else {
            throw SakkError(
                "defects.unwritable", source: folder + "/" + name, text: "The file cannot be written.",
                remedy: "Check the folder, its permissions and the space on the disk.")
        }
    }

    /// To the thousandth.
    private static func number(_ value: Double) -> String {
        let thousandths = Int((value * 1000).rounded())
        let (whole, rest) = abs(thousandths).quotientAndRemainder(dividingBy: 1000)
        return "\(thousandths < 0 ? "-" : "")\(whole).\(String(1000 + rest).dropFirst())"
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"") + "\""
    }
}
