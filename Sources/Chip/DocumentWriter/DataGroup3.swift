public import Ground

/// One finger for EF.DG3.
public struct FingerImage: Sendable {
    /// Positions of ISO/IEC 19794-4 table 5: 1 to 5 right thumb to little finger, 6 to 10 left.
    public let position: UInt8
    /// Algorithm of table 4: 2 WSQ, 3 JPEG, 4 JPEG 2000, 5 PNG.
    public let compression: UInt8
    public let bytes: Bytes
    public let width: Int
    public let height: Int
    /// Pixels per inch of scanner and image.
    public let resolution: Int
    /// 0 to 100; 254 is not known.
    public let quality: UInt8

    public init(
        position: UInt8, compression: UInt8, bytes: Bytes, width: Int, height: Int, resolution: Int = 500,
        quality: UInt8 = 254
    ) {
        self.position = position
        self.compression = compression
        self.bytes = bytes
        self.width = width
        self.height = height
        self.resolution = resolution
        self.quality = quality
    }
}

extension FingerImage {
    /// ISO/IEC 19794-4:2005 clause 7: general header of 32 bytes, finger header of 14, image.
    public var record: Bytes {
        let resolution = BigEndian.bytes(UInt16(clamping: resolution))
        let length = BigEndian.bytes(UInt64(32 + 14 + bytes.count)).suffix(6)
        var header = Bytes("FIR\0".utf8) + Bytes("010\0".utf8) + Bytes(length)
        header += [0, 0]  // capture device not reported
        header += BigEndian.bytes(UInt16(31))  // acquisition level: 500 pixels per inch
        header += [1, 1]  // one finger, scale in pixels per inch
        header += resolution + resolution + resolution + resolution
        header += [8, compression, 0, 0]
        var image = BigEndian.bytes(UInt32(14 + bytes.count)) + [position, 1, 1, quality, 0]
        image += BigEndian.bytes(UInt16(clamping: width)) + BigEndian.bytes(UInt16(clamping: height)) + [0]
        return header + image + bytes
    }
}

/// EF.DG3 (9303-10, 4.7.3): fingers as ISO/IEC 19794-4:2005, one template each. Without a finger the group holds no
/// template and, so that nothing can be told from its hash, random bytes in 53.
public struct DataGroup3: Sendable {
    /// A finger image record with one finger, and that finger's position.
    public struct Finger: Sendable {
        public let position: UInt8
        public let record: Bytes
        public init(position: UInt8, record: Bytes) {
            self.position = position
            self.record = record
        }
    }

    public let fingers: [Finger]
    public let salt: Bytes

    /// Records as they were enrolled: their bytes are not changed. `salt` stands in a group without fingers: fresh random bytes.
    public init(fingers: [Finger], salt: Bytes) {
        self.fingers = fingers
        self.salt = salt
    }

    public init(fingers: [FingerImage], salt: Bytes) {
        self.init(fingers: fingers.map { Finger(position: $0.position, record: $0.record) }, salt: salt)
    }

    public var encoded: Bytes {
        guard !fingers.isEmpty else {
            return TLV(0x63, [TLV(0x7F61, [TLV(0x02, [0])]), TLV(0x53, salt)]).encoded
        }
        let templates = fingers.map { finger in
            BiometricGroup.Template(
                type: 0x08, subtype: Self.subtype(finger.position), format: 0x0007, record: finger.record)
        }
        return BiometricGroup(tag: 0x63, templates: templates).encoded
    }

    /// CBEFF subtype (ISO/IEC 7816-11 table C.1): bits 1-2 side, bits 3-5 finger.
    private static func subtype(_ position: UInt8) -> UInt8 {
        switch position {
        case 1...5: position << 2 | 0x01
        case 6...10: (position - 5) << 2 | 0x02
        default: 0
        }
    }
}
