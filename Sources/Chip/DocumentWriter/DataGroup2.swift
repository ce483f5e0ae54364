public import Ground

/// EF.DG2 (9303-10, 4.7.2): one face in a biometric information template, as ISO/IEC 19794-5:2005.
public struct DataGroup2: Sendable {
    public let face: FaceImage

    public init(face: FaceImage) { self.face = face }

    public var encoded: Bytes {
        let header = TLV(
            0xA1,
            [
                TLV(0x81, [0x02]),  // biometric type: facial features
                TLV(0x82, [0x00]),  // subtype: none
                TLV(0x87, [0x01, 0x01]),  // format owner: ISO/IEC JTC 1/SC 37
                TLV(0x88, [0x00, 0x08]),  // format type: 19794-5
            ])
        let information = TLV(0x7F60, [header, TLV(0x5F2E, FaceRecord(face: face).encoded)])
        return TLV(0x75, [TLV(0x7F61, [TLV(0x02, [0x01]), information])]).encoded
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
