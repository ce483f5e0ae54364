internal import Ground

/// The first face of EF.DG2 (Doc 9303-10 clause 4.7.2): CBEFF templates around an ISO/IEC 19794-5 face record, or around
/// the newer ISO/IEC 39794-5 encoding.
struct FaceData: Equatable {
    enum Format: String {
        case jpeg
        case jpeg2000

        /// By the first bytes of the image, because the type field of live documents is not always right.
        init?(image: Bytes) {
            if image.starts(with: [0xFF, 0xD8, 0xFF]) {
                self = .jpeg
            } else if image.starts(with: [0x00, 0x00, 0x00, 0x0C, 0x6A, 0x50])
                || image.starts(with: [0xFF, 0x4F, 0xFF])
            {
                self = .jpeg2000
            } else {
                return nil
            }
        }
    }

    enum Encoding: String {
        /// ISO/IEC 19794-5
        case record = "19794-5"
        /// ISO/IEC 39794-5
        case extensible = "39794-5"
    }

    let image: Bytes
    let format: Format
    /// Pixels as the face record says; 0 where it says nothing.
    let width: Int
    let height: Int
    let faces: Int
    let encoding: Encoding
    let warnings: [String]

    init?(_ file: Bytes) {
        guard let outer = TLV.parse(file), outer.tag == 0x75, let group = outer.first(0x7F61),
            let inside = group.children
        else { return nil }
        let templates = inside.filter { $0.tag == 0x7F60 }
        guard let template = templates.first?.children else { return nil }
        var warnings: [String] = []
        if inside.first(where: { $0.tag == 0x02 })?.value != [UInt8(truncatingIfNeeded: templates.count)] {
            warnings.append("EF.DG2: the number of biometric templates does not fit")
        }
        if let record = template.first(where: { $0.tag == 0x5F2E })?.value {
            guard let face = FaceRecord(record), let format = Format(image: face.image) else { return nil }
            let declared: Format? = [0: .jpeg, 1: .jpeg2000][face.imageDataType]
            if declared != format { warnings.append("EF.DG2: image data type and image differ") }
            if !face.hasItsLength { warnings.append("EF.DG2: the face record has another length than it says") }
            self.init(
                image: face.image, format: format, width: face.width, height: face.height, faces: face.faces,
                encoding: .record, warnings: warnings)
        } else if let block = template.first(where: { $0.tag == 0x7F2E }) {
            guard let face = ExtensibleFace(block), let format = Format(image: face.image) else { return nil }
            if face.format != format { warnings.append("EF.DG2: image data format and image differ") }
            self.init(
                image: face.image, format: format, width: face.width, height: face.height, faces: face.representations,
                encoding: .extensible, warnings: warnings)
        } else {
            return nil
        }
    }

    private init(
        image: Bytes, format: Format, width: Int, height: Int, faces: Int, encoding: Encoding, warnings: [String]
    ) {
        self.image = image
        self.format = format
        self.width = width
        self.height = height
        self.faces = faces
        self.encoding = encoding
        self.warnings = warnings
    }
}
