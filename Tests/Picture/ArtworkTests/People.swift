import Glibc
import Ground
import Stations

@testable import Artwork

/// Invented people of Utopia, and the template under `profiles`.
enum People {
    static let folder: String = {
        var parts = #filePath.split(separator: "/").dropLast(4).map(String.init)
        parts += ["profiles", "iq-national-id", "artwork"]
        return "/" + parts.joined(separator: "/")
    }()

    static let artwork: Result<CardArtwork, SakkError> = Result { () throws(SakkError) in
        try CardArtwork(template: try template(), decode: decode)
    }

    static func template() throws(SakkError) -> ArtworkTemplate {
        try .load(front: "\(folder)/front.svg", back: "\(folder)/back.svg")
    }

    /// The portraits of these tests are plain pixels: a head and shoulders in flat tones, 350 by 450.
    static func decode(_ image: ApprovedRecord.Image) throws(SakkError) -> Picture { portrait }

    static let portrait: Picture = {
        var rgb = Bytes()
        for y in 0..<450 {
            for x in 0..<350 {
                let (dx, dy) = (Double(x) - 175, Double(y) - 190)
                let face = dx * dx / 8100 + dy * dy / 14400 < 1
                let hair = dx * dx / 10800 + (dy + 25) * (dy + 25) / 16900 < 1
                let body = dx * dx / 24000 + (Double(y) - 450) * (Double(y) - 450) / 15000 < 1
                rgb +=
                    face && dy > -70
                    ? [214, 172, 142] : hair ? [52, 40, 36] : body ? [60, 86, 120] : [232, 236, 238]
            }
        }
        return Picture(width: 350, height: 450, rgb: rgb)
    }()

    static func record(_ change: (inout ApprovedRecord) -> Void = { _ in }) -> ApprovedRecord {
        var record = ApprovedRecord(
            authority: "UTO-CIVIL", requestID: "R-0001", issueNumber: 1, product: "iq-national-id",
            documentType: "I", documentCategory: "regular", issuingState: "UTO", nationality: "UTO",
            documentNumber: "AU1234567", dateOfIssue: day(2026, 1, 15), dateOfExpiry: day(2036, 1, 14),
            nationalNumber: "199012345678", familyNumber: "1020M3304150512345",
            names: .init(
                arabic: .init(
                    given: "زينب", father: "حسين", grandfather: "عبد الرحمن", surname: "الجبوري",
                    motherGiven: "فاطمة", motherFather: "إبراهيم"),
                sorani: .init(
                    given: "زەینەب", father: "حوسێن", grandfather: "عەبدولڕەحمان", surname: "جبوری",
                    motherGiven: "فاتیمە", motherFather: "ئیبراهیم"),
                latin: .init(
                    given: "ZAINAB", father: "HUSSEIN", grandfather: "ABDULRAHMAN", surname: "AL-JUBOORI",
                    motherGiven: "FATIMA", motherFather: "IBRAHIM")),
            sex: .female, dateOfBirth: day(1990, 5, 3),
            placeOfBirth: .init(arabic: "السليمانية", sorani: "سلێمانی", latin: "SULAYMANIYAH"), bloodGroup: "AB+",
            portrait: .init(format: .jpeg, bytes: []), signature: nil, enrolmentSite: "office-1",
            civilRegister: "register-1", delivery: .init(route: .office, destination: "office-1"),
            priority: .init(priorityClass: "normal", reason: nil), approvedAt: WallTime(microseconds: 0))
        change(&record)
        return record
    }

    static let zone = [
        "I<UTOAU12345678<<<<<<<<<<<<<<<", "9005035F3601141UTO<<<<<<<<<<<4", "AL<JUBOORI<<ZAINAB<HUSSEIN<<<<",
    ]

    private static func day(_ year: Int, _ month: Int, _ day: Int) -> CivilDate {
        guard let date = CivilDate(year: year, month: month, day: day) else { preconditionFailure("a real day") }
        return date
    }

    /// A PPM file of its own; the caller removes it.
    static func write(_ picture: Picture) -> String {
        var name = Array("/tmp/artwork-XXXXXX.ppm".utf8CString)
        let descriptor = mkstemps(&name, 4)
        precondition(descriptor >= 0, "a temporary file")
        let file = fdopen(descriptor, "wb")
        let bytes = Array("P6 \(picture.width) \(picture.height) 255\n".utf8) + picture.rgb
        precondition(fwrite(bytes, 1, bytes.count, file) == bytes.count, "room on the disk")
        fclose(file)
        return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
