import Artwork
import BorderReader
import Cameras
import Catalog
import DocumentWriter
import GlobalPlatform
import Ground
import Inspection
import OpenSSLCrypto
import Personalisation
import Printers
import Records
import SmartCard
import Stations

/// Puts a cell together from its configuration: the one place where the line meets real drivers.
struct CellBuilder {
    let line: LineProfile
    let product: ProductProfile
    let pictures: SpecimenPictures?

    func stations() throws(SakkError) -> CellStations {
        let limits = try InspectionLimits(path: product.inspectionPlan)
        let inspection: any InspectionStation = CardInspector(plan: try InspectionPlan(thousandths: limits.thousandths))
        return CellStations(
            printer: EvolisPrinter(try printer()), chip: try encoder(line.cell.reader),
            camera: AravisCamera(try camera()), preparation: try preparation(),
            inspection: pictures.map { KeptInspection(inspection: inspection, pictures: $0) } ?? inspection,
            verification: RecordVerifier(trust: try Certificates.read(all: line.trust.approval)))
    }

    private func printer() throws(SakkError) -> EvolisConfiguration {
        let model = try PrinterModel(path: line.cell.printerModel)
        guard model.ribbons.contains(product.ribbon) else {
            throw SakkError(
                "printer.ribbon.other", source: model.path, subject: product.product,
                text: "The product needs a \(product.ribbon) ribbon, which this model does not take.",
                remedy: "Choose another printer for this product.")
        }
        return EvolisConfiguration(
            vendorID: model.vendorID, serial: line.cell.printerSerial, model: model.model,
            knownFirmware: model.knownFirmware, refusesUnknownFirmware: model.refusesUnknownFirmware,
            rasterWidth: model.rasterWidth, rasterHeight: model.rasterHeight, ribbon: product.ribbon,
            commandTimeoutMS: model.commandTimeoutMS, moveTimeoutMS: model.moveTimeoutMS,
            panelTimeoutMS: model.panelTimeoutMS, chunkBytes: model.chunkBytes, straysOK: model.straysOK)
    }

    private func camera() throws(SakkError) -> AravisConfiguration {
        let model = try CameraModel(path: line.cell.cameraModel)
        return AravisConfiguration(
            address: line.cell.cameraAddress, format: model.format, width: model.width, height: model.height,
            packetBytes: model.packetBytes, socketBufferBytes: model.socketBufferBytes,
            frameTimeoutMS: model.frameTimeoutMS, attempts: model.attempts,
            exposureMicroseconds: model.exposureMicroseconds, gainDB: model.gainDB)
    }

    /// The encoder in the printer, or the reader on the desk.
    func encoder(_ reader: String) throws(SakkError) -> PCSCChipStation {
        let trust = try Certificates.read(all: line.trust.countrySigning)
        let master = try MasterKey(try KeyFile.read(line.keys.transportMaster, bytes: 16), scheme: .kdf3)
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

    private func preparation() throws(SakkError) -> IDCardPreparation {
        let signer = DocumentSigner(
            certificate: try Certificates.read(line.keys.documentSignerCertificate),
            key: try Certificates.key(line.keys.documentSignerKey))
        return IDCardPreparation(
            artwork: try product.artwork(), signer: signer,
            decode: { (image) throws(SakkError) in try Portraits.decode(image) }, time: SystemTime())
    }
}
