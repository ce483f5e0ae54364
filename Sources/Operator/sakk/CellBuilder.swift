import Artwork
import BorderReader
import Cameras
import Catalog
import DocumentWriter
import GlobalPlatform
import Ground
import Inspection
import Line
import OpenSSLCrypto
import Personalisation
import Records
import SmartCard
import Stations

/// Puts a cell together from its configuration: the one place where the line meets real drivers.
struct CellBuilder {
    let line: LineProfile
    let product: ProductProfile
    let pictures: SpecimenPictures?
    var standing: (any RecordStanding)?

    /// All cells of the line, ready to run.
    func cells(_ options: LineOptions, actor: String) throws(SakkError) -> [LineCell] {
        var cells: [LineCell] = []
        for cell in line.cells {
            var configuration = options.configuration(
                line, product, cell: cell.id, firmware: try PrinterModel(path: cell.printerModel).knownFirmware,
                actor: actor)
            if let ribbon = cell.ribbon { configuration.ribbon = ribbon }
            configuration.genealogy = try genealogy(of: cell)
            cells.append(
                LineCell(
                    configuration: configuration, stations: try stations(of: cell), evidence: pictures))
        }
        return cells
    }

    func stations(of cell: LineProfile.Cell) throws(SakkError) -> CellStations {
        try refuseTestKeysInProduction()
        guard product.numberSource != .blank else {
            throw SakkError(
                "line.booklet.reader", source: line.path, subject: product.product,
                text: "The product's number is its booklet's, and no driver of a booklet machine is there yet.",
                remedy: "Use `sakk simulate --booklets`, or a line for cards.")
        }
        let limits = try InspectionLimits(path: product.inspectionPlan)
        let inspection: any InspectionStation = CardInspector(
            plan: try InspectionPlan(thousandths: limits.thousandths), annotatesGoodCards: pictures != nil)
        return CellStations(
            printer: try PrinterBuilder.printer(of: cell, for: product), chip: try encoder(cell.reader),
            camera: AravisCamera(try camera(cell)), preparation: try preparation(cell),
            inspection: pictures.map { KeptInspection(inspection: inspection, pictures: $0) } ?? inspection,
            verification: RecordVerifier(trust: try Certificates.read(all: line.trust.approval)), standing: standing)
    }

    /// A folder of test keys holds a file `SPECIMEN`; nothing of it may serve a production line.
    private func refuseTestKeysInProduction() throws(SakkError) {
        guard line.mode == .production else { return }
        let keys =
            [line.keys.documentSignerCertificate]
            + [line.keys.transportMaster, line.keys.documentSignerKey].compactMap(\.path)
        for path in line.trust.approval + line.trust.countrySigning + keys {
            let marker = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            guard FileBytes.read(marker + "/SPECIMEN") == nil else {
                throw SakkError(
                    "keys.test", source: line.path, subject: path,
                    text: "A production line names a test key or certificate.",
                    remedy: "Name the production keys, or set `mode: training`.")
            }
        }
    }

    private func camera(_ cell: LineProfile.Cell) throws(SakkError) -> AravisConfiguration {
        let model = try CameraModel(path: cell.cameraModel)
        return AravisConfiguration(
            address: cell.cameraAddress, format: model.format, width: model.width, height: model.height,
            packetBytes: model.packetBytes, socketBufferBytes: model.socketBufferBytes,
            frameTimeoutMS: model.frameTimeoutMS, attempts: model.attempts,
            exposureMicroseconds: model.exposureMicroseconds, gainDB: model.gainDB)
    }

    /// The reader on the desk of the first cell that names one.
    func desk() throws(SakkError) -> PCSCChipStation? {
        guard let desk = line.cells.lazy.compactMap(\.deskReader).first else { return nil }
        return try encoder(desk)
    }

    /// The encoder in the printer, or the reader on the desk.
    func encoder(_ reader: String) throws(SakkError) -> PCSCChipStation {
        let trust = try Certificates.read(all: line.trust.countrySigning)
        let master = try IssuerKeys.cards(line.keys.transportMaster)
        return PCSCChipStation(
            reader: PCSCReader(name: reader), profile: try chipProfile(), keys: master,
            border: BorderInspection(trust: trust), time: SystemTime())
    }

    private func chipProfile() throws(SakkError) -> ChipProfile {
        let chip = try ChipSettings(path: product.chipProfile)
        return ChipProfile(
            issuerSecurityDomain: chip.issuerSecurityDomain, loadFile: chip.loadFile, module: chip.module,
            instance: chip.instance, dialect: .jmrtd, keyVersion: chip.keyVersion, securityLevel: nil,
            blockSize: chip.blockBytes, presenceTimeoutMS: chip.presenceTimeoutMS)
    }

    private func preparation(_ cell: LineProfile.Cell) throws(SakkError) -> any DocumentPreparation {
        let prepared = try preparation()
        guard let ribbon = cell.ribbon else { return prepared }
        return RibbonPreparation(inner: prepared, ribbon: ribbon)
    }

    private func preparation() throws(SakkError) -> IDCardPreparation {
        let signer = DocumentSigner(
            certificate: try Certificates.read(line.keys.documentSignerCertificate),
            key: try IssuerKeys.signer(line.keys.documentSignerKey))
        return IDCardPreparation(
            artwork: try product.artwork(), signer: signer,
            decode: { (image) throws(SakkError) in try Portraits.decode(image) }, time: SystemTime())
    }
}
