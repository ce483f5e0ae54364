import Artwork
import Catalog
import GlobalPlatform
import Ground
import Inspection
import LDS
import Ledger
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
    let pictures: CardPictures?
    var standing: (any RecordStanding)?
    /// Remembers the cards that proved other keys than the line's: three in a row stop its encoders until a person looked.
    let wrongCards: any WrongCardStore
    /// Where the signatures of the last seals are kept; none by commands that make no document.
    var sealFolder: String?
    /// Attempts that each document signer was taken for, as the books count them.
    var signed: [String: Int] = [:]
    /// The same, asked for again.
    var signedNow: TravelDocumentPreparation.SignerCounts?

    /// All cells of the line, ready to run.
    func cells(_ options: LineOptions, actor: String) throws(SakkError) -> [LineCell] {
        var cells: [LineCell] = []
        // one count of attempts for all cells
        let signers = try IssuerKeys.signers(line, used: signed)
        let others = try line.otherProfiles.map { folder throws(SakkError) in
            let other = try ProductProfile(folder: folder)
            return OtherWork(product: other.product, stock: other.blankStock)
        }
        for cell in line.cells {
            var configuration = options.configuration(
                line, product, cell: cell.id, firmware: try PrinterModel(path: cell.printerModel).knownFirmware,
                actor: actor)
            if let ribbon = cell.ribbon { configuration.ribbon = ribbon }
            configuration.genealogy = try genealogy(of: cell)
            configuration.signerLimits = signers.limits
            configuration.lights = try lights(of: cell)
            configuration.others = others
            configuration.stockWindow = line.stockWindow
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
        let inspection: any InspectionStation = try pictureWorker(cell)
        return CellStations(
            printer: printer, chip: try encoder(cell.reader),
            camera: try CameraBuilder(line: line).camera(cell), preparation: try preparation(ring, cell),
            inspection: pictures.map { KeptInspection(inspection: inspection, pictures: $0) } ?? inspection,
            verification: RecordVerifier(trust: try Certificates.read(all: line.trust.approval)), standing: standing,
            booklets: try booklets(in: printer))
    }

    /// The reader on the desk of the first cell that names one.
    func desk() throws(SakkError) -> PCSCChipStation? {
        guard let desk = line.cells.lazy.compactMap(\.deskReader).first else { return nil }
        return try encoder(desk)
    }

    /// The encoder in the printer, or the reader on the desk.
    func encoder(_ reader: String) throws(SakkError) -> PCSCChipStation {
        let master = try IssuerKeys.cards(line.keys.transportMaster)
        let profile = try ChipSettings(path: product.chipProfile)
        return PCSCChipStation(
            reader: PCSCReader(name: reader), profile: profile, keys: master,
            guarding: KeySetGuard(
                keySet: try IssuerKeys.name("transport", line.keys.transportMaster, version: profile.keyVersion),
                store: wrongCards),
            production: try IssuerKeys.production(line, for: profile, wrongCards: wrongCards),
            border: try border(at: reader))
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
        let chip = try ChipSettings(path: product.chipProfile)
        return TravelDocumentPreparation(
            format: product.zone, document: chip.document,
            artwork: artwork, signers: signers, signed: signedNow,
            decode: { (image) throws(SakkError) in try Portraits.decode(image) }, time: SystemTime(),
            fingerAuthority: try fingerAuthority(chip))
    }
}

extension ProductProfile {
    /// Format of the machine readable zone.
    var zone: MachineReadableZone.Format { MachineReadableZone.Format(rawValue: format) ?? .td1 }
}
