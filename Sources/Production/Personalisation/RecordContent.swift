import Catalog
import DocumentWriter
import Ground
import LDS
import OpenSSLCrypto
import Stations

/// Which field of a record goes where on the chip.
enum RecordContent {
    /// The zone's own rules for names (9303-3, 4.6) are the writer's; it gets the identifiers that the page prints.
    static func zone(of record: ApprovedRecord) -> MRZContent {
        let names = record.names.latin
        return MRZContent(
            documentCode: record.documentType, issuer: record.issuingState, documentNumber: record.documentNumber,
            nationality: record.nationality, dateOfBirth: record.dateOfBirth,
            sex: record.sex.rawValue.first ?? "X", dateOfExpiry: record.dateOfExpiry,
            optional1: record.nationalNumber, optional2: "", primary: names.primaryIdentifier,
            secondary: names.secondaryIdentifiers.joined(separator: " "))
    }

    static func content(
        of record: ApprovedRecord, mrz: [String], portrait: Picture, _ document: ChipDocument
    ) throws(SakkError) -> DocumentContent {
        var content = DocumentContent(
            mrz: mrz, face: face(of: record, portrait),
            details: document.dataGroups.contains(11) ? details(of: record) : nil)
        content.faceEncoding = document.face == "iso39794" ? .iso39794 : .iso19794
        if document.hasFingers {
            let fingers = record.fingers.map { DataGroup3.Finger(position: UInt8($0.position), record: $0.record) }
            content.furtherGroups[3] = DataGroup3(fingers: fingers, salt: try RandomSource.bytes(32)).encoded
        }
        // who cannot sign has none: the group is left out then
        if document.dataGroups.contains(7), let signature = record.signature {
            content.furtherGroups[7] = DisplayedImageGroup(kind: .signature, images: [signature.bytes]).encoded
        }
        if document.dataGroups.contains(12) {
            var details = DocumentDetails()
            details.dateOfIssue = record.dateOfIssue
            content.furtherGroups[12] = DataGroup12(details: details).encoded
        }
        return content
    }

    private static func face(of record: ApprovedRecord, _ portrait: Picture) -> FaceImage {
        let gender: FaceImage.Gender =
            switch record.sex {
            case .female: .female
            case .male: .male
            case .unspecified: .unspecified
            }
        return FaceImage(
            format: record.portrait.format == .jpeg ? .jpeg : .jpeg2000, bytes: record.portrait.bytes,
            width: portrait.width, height: portrait.height, gender: gender)
    }

    private static func details(of record: ApprovedRecord) -> PersonalDetails {
        let names = record.names.arabic
        return PersonalDetails(
            primaryName: names.primaryIdentifier, secondaryNames: names.secondaryIdentifiers,
            personalNumber: record.nationalNumber, dateOfBirth: record.dateOfBirth,
            placeOfBirth: [record.placeOfBirth.latin])
    }
}
