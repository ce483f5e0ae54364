internal import Ground

/// ISO/IEC 19794-5:2005 clause 5: face record with its first image. Big-endian, no tags.
struct FaceRecord: Equatable {
    let faces: Int
    let featurePoints: Int
    /// 0 is JPEG, 1 is JPEG 2000.
    let imageDataType: Int
    let width: Int
    let height: Int
    let image: Bytes
    /// Whether the record has the length that it says; in some documents of the living world it has not.
    let hasItsLength: Bool

    init?(_ record: Bytes) {
        var reader = ByteReader(record)
        guard reader.read(4) == Bytes("FAC\0".utf8), reader.read(4) == Bytes("010\0".utf8),
            let length = reader.unsigned(4), let faces = reader.unsigned(2), faces >= 1, let block = reader.unsigned(4),
            let points = reader.unsigned(2),
            reader.read(14) != nil, reader.read(Int(points) * 8) != nil,
            reader.byte() != nil, let type = reader.byte(),
            let width = reader.unsigned(2), let height = reader.unsigned(2), reader.read(6) != nil
        else { return nil }
        // block length counts itself, the facial information, the feature points and the image information
        let headers = 20 + Int(points) * 8 + 12
        guard Int(block) > headers, let image = reader.read(Int(block) - headers) else { return nil }
        self.faces = Int(faces)
        featurePoints = Int(points)
        imageDataType = Int(type)
        self.width = Int(width)
        self.height = Int(height)
        self.image = image
        hasItsLength = length == UInt64(record.count)
    }
}
