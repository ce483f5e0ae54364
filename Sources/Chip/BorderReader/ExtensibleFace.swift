internal import Ground

/// FaceImageDataBlock of ISO/IEC 39794-5 in DER, in the ICAO application profile: its first representation in two
/// dimensions. Blocks that are not known are passed over, as the standard's extension rules want.
struct ExtensibleFace: Equatable {
    let image: Bytes
    /// As the information block says; nil for another format than JPEG and JPEG 2000.
    let format: FaceData.Format?
    /// Pixels; 0 where the optional size block is left out.
    let width: Int
    let height: Int
    let representations: Int

    /// From the biometric data block 7F2E. Nil when the mandatory blocks are not there.
    init?(_ block: TLV) {
        guard let face = block.first(0xA1)?.first(0x65), let version = face.first(0xA0), version.first(0x80) != nil,
            let representations = face.first(0xA1)?.children?.filter({ $0.tag == 0x30 }),
            // imageRepresentation, the choice of two dimensions, its base block
            let representation = representations.first?.first(0xA1)?.first(0xA0)?.first(0xA0),
            let image = representation.first(0x80)?.value, let information = representation.first(0xA1)
        else { return nil }
        self.image = image
        self.representations = representations.count
        let code = information.first(0xA0)?.first(0x80)?.value
        format = code.flatMap { [[2]: .jpeg, [3]: .jpeg2000, [4]: .jpeg2000][$0] }
        let size = information.first(0xA7)
        func pixels(_ tag: UInt32) -> Int {
            size?.first(tag).flatMap { BigEndian.unsigned($0.value) }.map { Int(clamping: $0) } ?? 0
        }
        width = pixels(0x80)
        height = pixels(0x81)
    }
}
