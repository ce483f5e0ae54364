import Artwork
import BorderReader
import Cameras
import Catalog
import GlobalPlatform
import Ground
import Inspection
import LDS
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
    /// Remembers the cards that proved other keys than the line's: three in a row stop its encoders until a person looked.
    let wrongCards: any WrongCardStore
    /// Attempts that each document signer was taken for, as the books count them.
    var signed: [String: Int] = [:]
    /// The same, asked for again.
    var signedNow: TravelDocumentPreparation.SignerCounts?

    /// All cells of the line, ready to run.
    func cells(_ options: LineOptions, actor: String) throws(SakkError) -> [LineCell] {
        var cells: [LineCell] = []
        // one count of attempts for all cells
        let signers = try IssuerKeys.signers(line, used: signed)
        for cell in line.cells {
            var configuration = options.configuration(
                line, product, cell: cell.id, firmware: try PrinterModel(path: cell.printerModel).knownFirmware,
                actor: actor)
            if let ribbon = cell.ribbon { configuration.ribbon = ribbon }
            configuration.genealogy = try genealogy(of: cell)
            configuration.signerLimits = signers.limits
            try trust(&configuration)
            cells.append(
                LineCell(
                    configuration: configuration, stations: try stations(of: cell, signers: signers), evidence: pictures
                ))
        }
        return cells
    }

    func stations(of cell: LineProfile.Cell, signers: SignerRing? = nil) throws(SakkError) -> CellStations {
        try KeyClass.check(line)
        let ring = if let signers { signers } else { try IssuerKeys.signers(line, used: signed) }
        let printer = try PrinterBuilder.printer(of: cell, for: product)
        let limits = try InspectionLimits(path: product.inspectionPlan)
        let inspection: any InspectionStation = CardInspector(
            plan: try InspectionPlan(thousandths: limits.thousandths), annotatesGoodCards: pictures != nil)
        return CellStations(
            printer: printer, chip: try encoder(cell.reader),
            camera: AravisCamera(try camera(cell)), preparation: try preparation(ring, cell),
            inspection: pictures.map { KeptInspection(inspection: inspection, pictures: $0) } ?? inspection,
            verification: RecordVerifier(trust: try Certificates.read(all: line.trust.approval)), standing: standing,
            booklets: try booklets(in: printer))
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
        let profile = try ChipSettings(path: product.chipProfile)
        return PCSCChipStation(
            reader: PCSCReader(name: reader), profile: profile, keys: master,
            guarding: KeySetGuard(
                keySet: try IssuerKeys.name("transport", line.keys.transportMaster, version: profile.keyVersion),
                store: wrongCards),
            production: try IssuerKeys.production(line, for: profile, wrongCards: wrongCards),
            border: BorderInspection(trust: trust), time: SystemTime())
    }

    private func preparation(_ signers: SignerRing, _ cell: LineProfile.Cell) throws(SakkError)
        -> any DocumentPreparation
    {
        let prepared = try preparation(signers, try artwork(of: cell))
        guard let ribbon = cell.ribbon else { return prepared }
        return RibbonPreparation(inner: prepared, ribbon: ribbon)
    }

    private func preparation(
        _ signers: SignerRing, _ artwork: any ArtworkStation
    ) throws(SakkError) -> TravelDocumentPreparation {
        return TravelDocumentPreparation(
            format: product.zone, document: try ChipSettings(path: product.chipProfile).document,
            artwork: artwork, signers: signers, signed: signedNow,
            decode: { (image) throws(SakkError) in try Portraits.decode(image) }, time: SystemTime())
    }
}

extension ProductProfile {
    /// Format of the machine readable zone.
    var zone: MachineReadableZone.Format { MachineReadableZone.Format(rawValue: format) ?? .td1 }
}
