import Catalog
import DocumentWriter
import LDS
import Stations

/// Which field of a record goes where on the chip.
enum RecordContent {
    /// Primary identifier is the surname; given, father's and grandfather's names are the secondary ones (9303-3, 4.6). A
    /// person without surname has the grandfather's name as primary.
    static func zone(of record: ApprovedRecord) -> MRZContent {
        let names = record.names.latin
        let secondary =
            names.surname.isEmpty ? [names.given, names.father] : [names.given, names.father, names.grandfather]
        return MRZContent(
            documentCode: record.documentType, issuer: record.issuingState, documentNumber: record.documentNumber,
            nationality: record.nationality, dateOfBirth: record.dateOfBirth,
            sex: record.sex.rawValue.first ?? "X", dateOfExpiry: record.dateOfExpiry,
            optional1: record.nationalNumber, optional2: "",
            primary: names.surname.isEmpty ? names.grandfather : names.surname,
            secondary: secondary.filter { !$0.isEmpty }.joined(separator: " "))
    }

    static func content(
        of record: ApprovedRecord, mrz: [String], portrait: Picture, _ document: ChipDocument
    ) -> DocumentContent {
        var content = DocumentContent(
            mrz: mrz, face: face(of: record, portrait),
            details: document.dataGroups.contains(11) ? details(of: record) : nil)
        content.faceEncoding = document.face == "iso39794" ? .iso39794 : .iso19794
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
            primaryName: names.surname.isEmpty ? names.grandfather : names.surname,
            secondaryNames: [names.given, names.father, names.grandfather].filter { !$0.isEmpty },
            personalNumber: record.nationalNumber, dateOfBirth: record.dateOfBirth,
            placeOfBirth: [record.placeOfBirth.latin])
    }
}
