import Catalog
import Foundation
import Ground
import Testing

@Suite struct DeviceFolderTests {
    @Test func everythingInTheRepositoryIsRight() {
        let folder = DeviceFolder(
            devices: Repository.path + "/devices", specs: Repository.path + "/firmware-specs")
        #expect(folder.faults.map(\.description) == [])
        #expect(Set(folder.printers.map(\.family)) == Set(PrinterModel.Family.allCases))
        #expect(folder.transcripts >= 100)
    }

    @Test func aModelThatIsAddedAsAFileNeedsNoCode() throws {
        let copy = try Copy()
        let xid = try String(
            contentsOfFile: Repository.path + "/devices/g-printec-xid/virtual-xid580.yaml", encoding: .utf8)
        try copy.scratch.write(
            xid.replacing("model: XID580", with: "model: XID9300"), "devices/g-printec-xid/xid9300.yaml")
        let folder = copy.read()
        #expect(folder.faults.isEmpty)
        let model = try #require(folder.printers.first { $0.model == "XID9300" })
        #expect(model.family == .xid)
        #expect(model.inkTypes["ymcku"] == 6)
        try model.check(ribbon: "ymckk", format: "TD1", product: "iq-national-id")
        let ribbon = #expect(throws: SakkError.self) {
            try model.check(ribbon: "ymckok", format: "TD1", product: "iq-national-id")
        }
        #expect(ribbon?.code == "printer.ribbon.other")
        let format = #expect(throws: SakkError.self) {
            try model.check(ribbon: "ymckk", format: "TD3", product: "iq-passport-regular")
        }
        #expect(format?.code == "printer.format")
    }

    @Test(arguments: [
        ("devices/g-printec-xid/x.yaml", "sakk: 1\nfamily: laser\n", "x.yaml:2"),
        (
            "devices/magicard/x.yaml", "sakk: 1\nfamily: magicard\nmodel: A\nusb:\n  vendor_id: 9\n  serial: 1\n",
            "x.yaml:5"
        ),
        (
            "devices/g-printec-xid/x.yaml", "sakk: 1\nfamily: g-printec-xid\nmodel: A\nusb:\n  vendor_id: 9\n",
            "x.yaml:5"
        ),
        ("devices/evolis-esc/README.md", "# e\n\n## Introduction\n## Stations\n", "README.md:4"),
        ("devices/evolis-esc/transcripts/x.txt", "# F1 a command\n> <1B>Rtp<0G>\n", "x.txt:2"),
        ("devices/evolis-esc/transcripts/x.txt", "# F1 a command\nsays nothing\n", "x.txt:2"),
        ("devices/evolis-esc/transcripts/x.txt", "# F99 is no fact\n", "x.txt:1"),
        (
            "firmware-specs/evolis-esc/README.md",
            "# e\n\n| # | fact | mark |\n|---|---|---|\n| A1 | one | D |\n| A1 | two | D |\n", "README.md:6"
        ),
        ("firmware-specs/evolis-esc/README.md", "| # | fact | mark |\n|---|---|---|\n| A1 | one |\n", "README.md:3"),
        ("firmware-specs/evolis-esc/README.md", "| # | fact | mark |\n|---|---|---|\n| A1 | one | |\n", "README.md:3"),
    ])
    func aFaultIsNamedWithFileAndLine(file: String, text: String, place: String) throws {
        let copy = try Copy()
        try copy.scratch.write(text, file)
        let folder = copy.read()
        #expect(folder.faults.contains { $0.source.hasSuffix(place) }, "\(folder.faults.map(\.source))")
    }

    @Test(arguments: [
        ("width_px: 672", "width_px: 676", "whole bytes"), ("width_px: 1016", "width_px: 1000", "as long as"),
        ("chip_station: contactless", "chip_station: pocket", "chip_station"),
        ("trust_port_status", "stray_ok", "stray_ok"),
    ])
    func aPlaneThatIsNoneOfItsFamilyIsNamed(old: String, new: String, words: String) throws {
        let copy = try Copy()
        let text = try String(
            contentsOfFile: Repository.path + "/devices/magicard/virtual-enduro.yaml", encoding: .utf8)
        try copy.scratch.write(text.replacing(old, with: new), "devices/magicard/x.yaml")
        let faults = copy.read().faults
        #expect(faults.count == 1)
        #expect(faults.contains { $0.source.contains("x.yaml") && $0.text.contains(words) }, "\(faults.map(\.text))")
    }

    /// A copy of both folders that is gone after the test.
    private struct Copy {
        let scratch: Scratch

        init() throws {
            scratch = try Scratch()
            for name in ["devices", "firmware-specs"] {
                try FileManager.default.copyItem(
                    atPath: "\(Repository.path)/\(name)", toPath: "\(scratch.path)/\(name)")
            }
        }

        func read() -> DeviceFolder {
            DeviceFolder(devices: scratch.path + "/devices", specs: scratch.path + "/firmware-specs")
        }
    }
}
