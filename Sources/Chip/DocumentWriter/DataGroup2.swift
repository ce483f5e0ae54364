public import Ground

/// EF.DG2 (9303-10, 4.7.2): one face in a biometric information template.
public struct DataGroup2: Sendable {
    /// How the face record is written.
    public enum Encoding: String, Sendable {
        /// ISO/IEC 19794-5:2005.
        case iso19794 = "19794-5"
        /// ISO/IEC 39794-5:2019 in the ICAO application profile: to be issued by every state from 2030 on.
        case iso39794 = "39794-5"
    }

    public let face: FaceImage
    public let encoding: Encoding

    public init(face: FaceImage, encoding: Encoding = .iso19794) {
        self.face = face
        self.encoding = encoding
    }

    public var encoded: Bytes {
        switch encoding {
        case .iso19794:
            BiometricGroup(
                tag: 0x75,
                templates: [
                    .init(type: 0x02, subtype: 0x00, format: 0x0008, record: FaceRecord(face: face).encoded)
                ]
            ).encoded
        case .iso39794:
            BiometricGroup(
                tag: 0x75,
                templates: [
                    .init(
                        type: nil, subtype: nil, format: 0x002A, record: ExtensibleFaceRecord(face: face).encoded,
                        isConstructed: true)
                ]
            ).encoded
        }
    }
}

/// A group of biometric information templates (9303-10, 4.7.2 to 4.7.4; CBEFF patron format of ISO/IEC 7816-11).
public struct BiometricGroup: Sendable {
    public struct Template: Sendable {
        /// Biometric type (81) and subtype (82); left out where nil.
        public let type: UInt8?
        public let subtype: UInt8?
        /// Format type (88) of the owner ISO/IEC JTC 1/SC 37: 0007 19794-4 fingers, 0008 19794-5 face, 0009 19794-6
        /// iris, 002A 39794-5 face.
        public let format: UInt16
        public let record: Bytes
        /// 7F2E (constructed, 39794) or 5F2E (plain, 19794).
        public let isConstructed: Bool

        public init(type: UInt8?, subtype: UInt8?, format: UInt16, record: Bytes, isConstructed: Bool = false) {
            self.type = type
            self.subtype = subtype
            self.format = format
            self.record = record
            self.isConstructed = isConstructed
        }
    }

    public let tag: UInt32
    public let templates: [Template]

    /// `tag` 75 face, 63 fingers, 76 irises.
    public init(tag: UInt32, templates: [Template]) {
        self.tag = tag
        self.templates = templates
    }

    public var encoded: Bytes {
        let groups = templates.map { template in
            var header: [TLV] = []
            if let type = template.type { header.append(TLV(0x81, [type])) }
            if let subtype = template.subtype { header.append(TLV(0x82, [subtype])) }
            header += [TLV(0x87, [0x01, 0x01]), TLV(0x88, BigEndian.bytes(template.format))]
            return TLV(
                0x7F60, [TLV(0xA1, header), TLV(template.isConstructed ? 0x7F2E : 0x5F2E, template.record)])
        }
        return TLV(tag, [TLV(0x7F61, [TLV(0x02, [UInt8(templates.count)])] + groups)]).encoded
    }
}

/// The facial record format of ISO/IEC 19794-5:2005, clause 5: one full frontal image, no feature points.
struct FaceRecord {
    let face: FaceImage

    var encoded: Bytes {
        let image = imageInformation + face.bytes
        let block = facialInformation(length: 20 + image.count) + image
        return Bytes("FAC\0".utf8) + Bytes("010\0".utf8) + BigEndian.bytes(UInt32(14 + block.count))
            + BigEndian.bytes(UInt16(1)) + block
    }

    /// Clause 5.5: block length, feature points, gender, eye and hair colour, features, expression, pose.
    private func facialInformation(length: Int) -> Bytes {
        BigEndian.bytes(UInt32(length)) + [0, 0, face.gender.rawValue] + Bytes(repeating: 0, count: 13)
    }

    /// Clause 5.7: full frontal, data type, size, 24-bit RGB, source unspecified, device and quality unspecified.
    private var imageInformation: Bytes {
        [0x01, face.format.rawValue] + BigEndian.bytes(UInt16(clamping: face.width))
            + BigEndian.bytes(UInt16(clamping: face.height)) + [0x01, 0x00, 0x00, 0x00, 0x00, 0x00]
    }
}

/// FaceImageDataBlock of ISO/IEC 39794-5:2019 in DER (automatic tags): version 3 of 2019, one representation with one image
/// in two dimensions, kind MRTD, its size and colours.
struct ExtensibleFaceRecord {
    let face: FaceImage

    var encoded: Bytes {
        let version = TLV(0xA0, [TLV(0x80, [3]), TLV(0x81, [0x07, 0xE3])])
        let format: UInt8 = face.format == .jpeg ? 2 : 3
        let information = TLV(
            0xA1,
            [
                TLV(0xA0, [TLV(0x80, [format])]), TLV(0xA1, [TLV(0x80, [0])]),
                TLV(0xA7, [TLV(0x80, Self.integer(face.width)), TLV(0x81, Self.integer(face.height))]),
                TLV(0xA9, [TLV(0x80, [2])]),
            ])
        let image = TLV(0xA0, [TLV(0xA0, [TLV(0x80, face.bytes), information])])
        let representation = TLV(0x30, [TLV(0x80, [0]), TLV(0xA1, [image])])
        return TLV(0xA1, [TLV(0x65, [version, TLV(0xA1, [representation])])]).encoded
    }

    /// A positive INTEGER of DER.
    private static func integer(_ value: Int) -> Bytes {
        let bytes = Bytes(BigEndian.bytes(UInt32(clamping: value)).drop { $0 == 0 })
        guard let first = bytes.first else { return [0] }
        return first & 0x80 == 0 ? bytes : [0] + bytes
    }
}
