import ArgumentParser
import Cameras
import Catalog
import Glibc
import Ground
import Printers
import SmartCard
import Stations
import USBTransport

struct DevicesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices",
        abstract:
            "Printers, readers and cameras that are here: who they are, what they hold, which cell they belong to.",
        discussion:
            """
            Only asks; a printer that a line holds is shown as busy. Exit 3 when a device of the line is missing.
            --watch says each USB printer that comes (+) or goes (-), as the system tells it.
            """)

    @OptionGroup var options: LineOptions
    @Flag(help: "One JSON object (sakk.devices/1); with --watch one for each change.") var json = false
    @Flag(help: "Go on and say each USB printer that comes or goes, until ended.") var watch = false
    @Option(help: "With --watch: end after so many milliseconds.") var forMs: Int?

    private struct Entry {
        let kind: String
        let name: String
        let cell: String?
        let state: String
        var lines: [String] = []
        var fields: [String: JSONValue] = [:]
        var isMissing = false
    }

    func validate() throws {
        guard watch || forMs == nil else { throw ValidationError("--for-ms goes with --watch") }
        guard (1...86_400_000).contains(forMs ?? 1) else { throw ValidationError("--for-ms is 1 to 86400000") }
    }

    func run() async throws {
        let profile = try options.profile()
        guard !watch else { return try follow(profile) }
        let product = try ProductProfile(folder: profile.profile)
        var entries: [Entry] = []
        for cell in profile.cells { entries.append(await printer(cell, product)) }
        entries += try strangers(profile)
        entries += await readers(profile)
        for cell in profile.cells { entries.append(await camera(cell)) }
        if json {
            let list = entries.map { entry -> JSONValue in
                var fields = entry.fields
                fields["kind"] = .string(entry.kind)
                fields["name"] = .string(entry.name)
                fields["cell"] = entry.cell.map { .string($0) } ?? .null
                fields["state"] = .string(entry.state)
                return .object(fields)
            }
            print(JSONValue.object(["devices": .array(list)]).document(schema: "sakk.devices/1"))
        } else {
            for entry in entries {
                let kind = entry.kind.padding(to: 8)
                print("\(kind) \(entry.name)  \(entry.cell.map { "[\($0)] " } ?? "")\(entry.state)")
                for line in entry.lines { print("         " + line) }
            }
        }
        if entries.contains(where: \.isMissing) { throw Exit.missing }
    }

    private func follow(_ profile: LineProfile) throws {
        let cells = Dictionary(profile.cells.map { ($0.printerSerial, $0.id.rawValue) }) { first, _ in first }
        let usb = try USBWatch()
        let began = SystemTime().boot().microseconds
        for listing in usb.present { say("=", "there", listing, cells) }
        while true {
            let left = forMs.map { $0 - Int((SystemTime().boot().microseconds - began) / 1000) } ?? 60_000
            guard left > 0 else { return }
            for change in try usb.next(withinMS: left) {
                switch change {
                case .came(let listing): say("+", "came", listing, cells)
                case .went(let listing): say("-", "went", listing, cells)
                }
            }
        }
    }

    private func say(_ sign: String, _ change: String, _ listing: USBListing, _ cells: [String: String]) {
        let cell = cells[listing.serial]
        if json {
            let members: [String: JSONValue] = [
                "change": .string(change), "kind": "printer", "name": .string(listing.serial),
                "cell": cell.map { .string($0) } ?? .null, "connection": .string(listing.connection),
            ]
            print(JSONValue.object(members).document(schema: "sakk.devices/1"))
        } else {
            let name = listing.serial.isEmpty ? "(no serial number)" : listing.serial
            print("\(sign) printer  \(name)  \(cell.map { "[\($0)] " } ?? "")\(listing.connection)")
        }
        // whoever reads this through a pipe wants each change when it comes
        fflush(nil)
    }

    private func printer(_ cell: LineProfile.Cell, _ product: ProductProfile) async -> Entry {
        let id = cell.id.rawValue
        do {
            let printer = try PrinterBuilder.printer(of: cell, for: product)
            do {
                let identity = try await printer.connect()
                let report = PrinterReport(
                    identity: identity, status: try await printer.status(), details: try await printer.details())
                await printer.disconnect()
                let reasons = report.status.reasons.map(\.rawValue).sorted()
                return Entry(
                    kind: "printer", name: cell.printerSerial, cell: id,
                    state: reasons.isEmpty ? "ready" : reasons.joined(separator: ", "),
                    lines: report.text.split(separator: "\n").map(String.init), fields: report.fields)
            } catch {
                await printer.disconnect()
                throw error
            }
        } catch {
            return failed("printer", cell.printerSerial, id, error)
        }
    }

    private func failed(_ kind: String, _ name: String, _ cell: String?, _ error: any Error) -> Entry {
        let error = error as? SakkError
        let busy = error?.code == "usb.device.busy"
        return Entry(
            kind: kind, name: name, cell: cell, state: busy ? "busy: held by a line" : "not usable",
            lines: error.map { ["\($0.text) [\($0.code)]"] } ?? [],
            fields: ["code": error.map { .string($0.code.rawValue) } ?? .null], isMissing: !busy)
    }

    /// Printers on the USB that belong to no cell.
    private func strangers(_ profile: LineProfile) throws -> [Entry] {
        let known = Set(profile.cells.map(\.printerSerial))
        return try USBBus.list().filter { !known.contains($0.serial) }.map { found in
            Entry(
                kind: "printer", name: found.serial.isEmpty ? "(no serial number)" : found.serial, cell: nil,
                state: "belongs to no cell", lines: ["\(found.manufacturer) \(found.product), \(found.connection)"],
                fields: ["connection": .string(found.connection)])
        }
    }

    private func readers(_ profile: LineProfile) async -> [Entry] {
        var bound: [String: String] = [:]
        for cell in profile.cells {
            bound[cell.reader] = cell.id.rawValue
            if let desk = cell.deskReader { bound[desk] = "\(cell.id.rawValue) desk" }
        }
        // the service lists its readers to whoever has one of them
        var names: [String] = []
        var failure: SakkError?
        for name in bound.keys.sorted() where names.isEmpty {
            let reader = PCSCReader(name: name)
            do {
                try await reader.connect()
                names = try await reader.list()
            } catch {
                failure = error
            }
            await reader.disconnect()
        }
        if names.isEmpty, let failure, failure.code != "reader.missing" {
            return [failed("reader", "PC/SC", nil, failure)]
        }
        var entries = names.sorted().map { name in
            Entry(
                kind: "reader", name: name, cell: bound[name],
                state: bound[name] == nil ? "belongs to no cell" : "there")
        }
        for (name, cell) in bound.sorted(by: { $0.key < $1.key }) where !names.contains(name) {
            entries.append(
                Entry(kind: "reader", name: name, cell: cell, state: "missing", isMissing: true))
        }
        return entries
    }

    private func camera(_ cell: LineProfile.Cell) async -> Entry {
        let id = cell.id.rawValue
        do {
            let model = try CameraModel(path: cell.cameraModel)
            let camera = AravisCamera(
                AravisConfiguration(
                    address: cell.cameraAddress, format: model.format, width: model.width, height: model.height,
                    packetBytes: model.packetBytes, socketBufferBytes: model.socketBufferBytes,
                    frameTimeoutMS: model.frameTimeoutMS, attempts: model.attempts,
                    exposureMicroseconds: model.exposureMicroseconds, gainDB: model.gainDB))
            try await camera.connect()
            await camera.disconnect()
            return Entry(
                kind: "camera", name: cell.cameraAddress, cell: id, state: "there",
                lines: ["\(model.width) x \(model.height), \(model.format)"])
        } catch {
            return failed("camera", cell.cameraAddress, id, error)
        }
    }
}

extension String {
    /// Filled up with blanks.
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
