public import Ground

/// A line's configuration: what a cell is made of, by name, and where the line keeps its books. No secret stands in it:
/// keys are named by file or token label.
public struct LineProfile: Sendable {
    /// How long the right to the line lasts without a heartbeat, and what must be left of it before an act that cannot
    /// be undone; microseconds.
    public struct LeaseTimes: Sendable, Hashable {
        public let duration: Int64
        public let margin: Int64
    }

    public enum Mode: String, Sendable { case production, training }

    public struct Cell: Sendable {
        public let id: CellID
        /// Path of the printer's model file in `devices/`.
        public let printerModel: String
        public let printerSerial: String
        /// `ADDRESS:PORT` of a printer that hangs on the network; nil: it hangs on the USB.
        public let printerAddress: String?
        /// Ribbon in this cell, where it is not the product's.
        public let ribbon: String?
        /// PC/SC name of the encoder inside the printer.
        public let reader: String
        /// PC/SC name of the reader on the desk, for cards found by hand; nil when there is none.
        public let deskReader: String?
        /// Path of the camera's model file in `devices/`.
        public let cameraModel: String
        public let cameraAddress: String
        /// Path of the station's white reference; nil without one.
        public let cameraWhite: String?
    }

    public struct Trust: Sendable {
        /// Certificates (PEM) that approvals must chain to.
        public let approval: [String]
        /// Country signing certificates (PEM) that the border reading trusts.
        public let countrySigning: [String]
        /// The authority (card verifiable certificate) that fingers on the line's chips open to; nil for products without any.
        public let terminalAuthority: String?
        /// Folder with the certificates of the plant's own inspection system, which reads fingers back; nil: they are compared
        /// before the lock alone.
        public let inspectionSystem: String?
    }

    public struct Keys: Sendable {
        /// Transport master key of the chip lots; a file has it in hexadecimal digits.
        public let transportMaster: KeyPlace
        /// Master key of the keys that chips leave with; nil for a product whose chips keep their transport keys.
        public let productionMaster: KeyPlace?
        /// Of the inspection system, where it is not `key.pem` in its folder: in a token.
        public let inspectionSystem: KeyPlace?
        /// In the order of their turns; at least one.
        public let documentSigners: [DocumentSignerPlace]
        public let vault: Vault
        /// Nil: the line makes no visible digital seals.
        public let seal: SealSigner?
    }

    /// Who signs visible digital seals (ICAO Doc 9303-13, 2.3.1): state and signer in four characters, and the reference
    /// of its certificate.
    public struct SealSigner: Sendable, Hashable {
        public let key: KeyPlace
        public let identifier: String
        public let certificateReference: String
    }

    /// A document signer: its certificate in PEM, its key (a file has it in PEM), and how many attempts it may sign.
    public struct DocumentSignerPlace: Sendable, Hashable {
        public let certificate: String
        public let key: KeyPlace
        public let attemptsMax: Int?
    }

    /// A key in a file (test keys) or in a token that does not show it.
    public enum KeyPlace: Sendable, Hashable {
        case file(String)
        /// PKCS#11 library, label of the token, file with its PIN, label of the key; `bits` of a master key that the
        /// token does not tell.
        case token(module: String, label: String, pinFile: String, key: String, bits: Int?)

        /// Nil for a key in a token.
        public var path: String? { if case .file(let path) = self { path } else { nil } }

        /// For people: the path, or `TOKEN/LABEL`.
        public var name: String {
            switch self {
            case .file(let path): path
            case .token(_, let token, _, let label, _): "\(token)/\(label)"
            }
        }
    }

    /// Where the keys of the approval weeks are.
    public enum Vault: Sendable, Hashable {
        case folder(String)
        /// PKCS#11 library, label of the token, file with its PIN.
        case token(module: String, label: String, pinFile: String)
    }

    public let path: String
    public let id: LineID
    public let mode: Mode
    /// Folder of the product's profile.
    public private(set) var profile: String
    /// Folders of the products that the line makes too, once its hoppers were changed.
    public private(set) var otherProfiles: [String]
    /// How much earlier a record of another of its products must be due before the cells ask for that change,
    /// microseconds.
    public let stockWindow: Int64
    public let ledger: String
    /// Folder for pictures of SPECIMEN documents; nil keeps none.
    public let pictures: String?
    /// The file that says who is asked whether an approval still stands; nil: the books alone know.
    public let standing: String?
    /// The file of challenge cards and watched measures (`InspectionTrust`); nil: the inspection is not tried.
    public let inspectionTrust: String?
    /// A limit of pcscd: more cells are more lines, each with a program of its own, on one ledger.
    static let mostReaders = 16

    /// In the file's order: `cells`, or the one `cell`.
    public let cells: [Cell]
    public var cell: Cell { cells[0] }
    public let trust: Trust
    public let keys: Keys
    /// Nil: the program's own.
    public let lease: LeaseTimes?

    /// Relative paths are resolved against the folder of the file itself.
    public init(path: String) throws(SakkError) {
        let file = try ConfigurationFile(path: path)
        let base = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        func resolved(_ text: String) -> String {
            text.hasPrefix("/") || base.isEmpty ? text : base + "/" + text
        }
        let root = file.root
        self.path = path
        id = LineID(try root.string("line"))
        mode = Mode(rawValue: try root.string("mode", oneOf: ["production", "training"])) ?? .training
        profile = resolved(try root.string("profile"))
        let others = try root.strings("other_profiles").map(resolved)
        otherProfiles = others
        guard !others.contains(profile), Set(others).count == others.count else {
            throw root.error("other_profiles", "names a product twice")
        }
        guard !others.isEmpty || !root.has("stock_window_hours") else {
            throw root.error("stock_window_hours", "needs `other_profiles`")
        }
        stockWindow =
            others.isEmpty ? 0 : Int64(try root.integer("stock_window_hours", in: 0...8760)) * 3_600_000_000
        ledger = resolved(try root.string("ledger"))
        pictures = try root.optionalString("pictures").map(resolved)
        standing = try root.optionalString("standing").map(resolved)
        inspectionTrust = try root.optionalString("inspection_trust").map(resolved)
        let places = try root.nodes("cells")
        guard places.isEmpty || !root.has("cell") else { throw root.error("cell", "and `cells` exclude each other") }
        var cells: [Cell] = []
        for place in places.isEmpty ? [try root.node("cell")] : places {
            let cell = try LineProfile.cell(place, resolved)
            guard !cells.contains(where: { $0.id == cell.id }) else {
                throw place.error("id", "is the name of another cell")
            }
            cells.append(cell)
        }
        let readers = Set(cells.map(\.reader) + cells.compactMap(\.deskReader)).count
        guard readers <= LineProfile.mostReaders else {
            throw root.error(
                "cells", "name \(readers) readers, and pcscd serves \(LineProfile.mostReaders): make two lines of them")
        }
        self.cells = cells
        let trust = try root.node("trust")
        self.trust = Trust(
            approval: try trust.requiredStrings("approval").map(resolved),
            countrySigning: try trust.requiredStrings("country_signing").map(resolved),
            terminalAuthority: try trust.optionalString("terminal_authority").map(resolved),
            inspectionSystem: try trust.optionalString("inspection_system").map(resolved))
        let keys = try root.node("keys")
        self.keys = Keys(
            transportMaster: try LineProfile.key("transport_master", keys, resolved),
            productionMaster: try LineProfile.optionalKey("production_master", keys, resolved),
            inspectionSystem: try LineProfile.inspection(keys, self.trust, resolved),
            documentSigners: try LineProfile.signers(keys, resolved),
            vault: try LineProfile.vault(try keys.node("vault"), resolved),
            seal: try keys.optionalNode("seal").map { node throws(SakkError) in
                SealSigner(
                    key: try LineProfile.key("key", node, resolved), identifier: try node.string("signer"),
                    certificateReference: try node.string("certificate"))
            })
        lease = try root.optionalNode("lease").map { node throws(SakkError) in
            let duration = try node.integer("duration_ms", in: 3000...600_000)
            let margin = try node.integer("margin_ms", in: 500...200_000)
            // a beat may be missed and there is still time for an act
            guard margin * 3 <= duration else { throw node.error("margin_ms", "may be a third of `duration_ms`") }
            return LeaseTimes(duration: Int64(duration) * 1000, margin: Int64(margin) * 1000)
        }
        try root.finish()
    }

    /// The same line, set up for another of its products; nil for a product that it does not make.
    public func setUp(for folder: String) -> LineProfile? {
        guard folder != profile else { return self }
        guard otherProfiles.contains(folder) else { return nil }
        var line = self
        line.otherProfiles = [profile] + otherProfiles.filter { $0 != folder }
        line.profile = folder
        return line
    }

    private static func cell(_ cell: ConfigurationNode, _ resolved: (String) -> String) throws(SakkError) -> Cell {
        let printer = try cell.node("printer")
        let camera = try cell.node("camera")
        return Cell(
            id: CellID(try cell.string("id")), printerModel: resolved(try printer.string("model")),
            printerSerial: try printer.string("serial"), printerAddress: try printer.optionalString("address"),
            ribbon: try printer.optionalString("ribbon"),
            reader: try cell.string("reader"),
            deskReader: try cell.optionalString("desk_reader"), cameraModel: resolved(try camera.string("model")),
            cameraAddress: try camera.string("address"),
            cameraWhite: try camera.optionalString("white_reference").map(resolved))
    }

    /// `NAME: path`, or `NAME_token: { module, token, pin_file, label, bits }`.
    private static func key(
        _ name: String, _ keys: ConfigurationNode, _ resolved: (String) -> String
    ) throws(SakkError) -> KeyPlace {
        guard let node = try keys.optionalNode(name + "_token") else { return .file(resolved(try keys.string(name))) }
        guard try keys.optionalString(name) == nil else {
            throw keys.error(name, "and `\(name)_token` exclude each other")
        }
        return .token(
            module: try node.string("module"), label: try node.string("token"),
            pinFile: resolved(try node.string("pin_file")), key: try node.string("label"),
            bits: try node.has("bits") ? node.integer("bits", in: 128...256) : nil)
    }

    private static func optionalKey(
        _ name: String, _ keys: ConfigurationNode, _ resolved: (String) -> String
    ) throws(SakkError) -> KeyPlace? {
        guard keys.has(name) || keys.has(name + "_token") else { return nil }
        return try key(name, keys, resolved)
    }

    /// `inspection_system_key_token`. A key in a file lies beside its certificates.
    private static func inspection(
        _ keys: ConfigurationNode, _ trust: Trust, _ resolved: (String) -> String
    ) throws(SakkError) -> KeyPlace? {
        guard keys.has("inspection_system_key_token") else { return nil }
        guard trust.inspectionSystem != nil else {
            throw keys.error("inspection_system_key_token", "needs `trust.inspection_system`, its certificates' folder")
        }
        return try key("inspection_system_key", keys, resolved)
    }

    /// The pair `document_signer_certificate` and `_key`, and those that take over from it.
    private static func signers(
        _ keys: ConfigurationNode, _ resolved: (String) -> String
    ) throws(SakkError) -> [DocumentSignerPlace] {
        func signer(_ node: ConfigurationNode) throws(SakkError) -> DocumentSignerPlace {
            DocumentSignerPlace(
                certificate: resolved(try node.string("document_signer_certificate")),
                key: try key("document_signer_key", node, resolved),
                attemptsMax: node.has("document_signer_attempts_max")
                    ? try node.integer("document_signer_attempts_max", in: 1...100_000_000) : nil)
        }
        var all = [try signer(keys)]
        for node in try keys.nodes("next_document_signers") { all.append(try signer(node)) }
        return all
    }

    private static func vault(_ node: ConfigurationNode, _ resolved: (String) -> String) throws(SakkError) -> Vault {
        if let folder = try node.optionalString("folder") { return .folder(resolved(folder)) }
        return .token(
            module: try node.string("module"), label: try node.string("token"),
            pinFile: resolved(try node.string("pin_file")))
    }
}
