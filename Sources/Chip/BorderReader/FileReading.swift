internal import Ground
internal import LDS
internal import SmartCard

/// Reads elementary files whole, with the length that the file's own header says.
struct FileReading {
    let link: any BorderLink

    /// Of a file whose length only its end tells.
    private static let indefiniteLimit = 65_536

    /// No file of a document is larger; a header that says so is hostile or broken.
    private static let limit = 262_144

    /// The file's bytes; a file that the chip refuses is nil too.
    func bytes(of fileID: UInt16) throws(BorderFault) -> Bytes? { try read(fileID).bytes }

    /// The file's bytes; nil with the status word when the chip refuses to select or open it.
    func read(_ fileID: UInt16) throws(BorderFault) -> (bytes: Bytes?, refusal: StatusWord?) {
        let selected = try link.transmit(.select(file: fileID))
        guard selected.status.isSuccess else { return (nil, selected.status) }
        let start = try link.transmit(.readBinary(offset: 0, count: 8))
        guard start.status.isSuccess || start.status == .endOfFileReached else { return (nil, start.status) }
        var bytes = start.data
        if DefiniteForm.isIndefinite(bytes) { return (try readToItsEnd(fileID, bytes), nil) }
        guard let total = Self.length(ofHeader: bytes) else { throw .chip("\(name(fileID)) begins with no length") }
        guard total <= Self.limit else { throw .chip("\(name(fileID)) claims an impossible length") }
        while bytes.count < total {
            let part = try readPart(offset: bytes.count, count: min(link.readLimit, total - bytes.count))
            guard !part.isEmpty else { throw .chip("\(name(fileID)) is shorter than its header says") }
            bytes += part
        }
        return (Bytes(bytes.prefix(total)), nil)
    }

    /// A file in BER whose outer object has no length: until its end-of-contents has come.
    private func readToItsEnd(_ fileID: UInt16, _ start: Bytes) throws(BorderFault) -> Bytes {
        var bytes = start
        var count = link.readLimit
        while true {
            switch DefiniteForm.extent(of: bytes) {
            case .whole(let length): return Bytes(bytes.prefix(length))
            case .malformed: throw .chip("\(name(fileID)) is no object of BER")
            case .cut: break
            }
            guard bytes.count < Self.indefiniteLimit else { throw .chip("\(name(fileID)) does not end") }
            do throws(BorderFault) {
                let part = try readPart(offset: bytes.count, count: count)
                guard !part.isEmpty else { throw .chip("\(name(fileID)) ends before its end-of-contents") }
                bytes += part
            } catch {
                // some chips refuse to be asked for more than there is
                guard case .chip = error, count > 1 else { throw error }
                count /= 2
            }
        }
    }

    private func readPart(offset: Int, count: Int) throws(BorderFault) -> Bytes {
        let response: APDUResponse
        if offset < 0x8000 {
            response = try link.transmit(.readBinary(offset: UInt16(offset), count: count))
        } else {
            // above 32 767 the offset goes into data object 54 (Doc 9303-10 clause 3.6.3.2); 53 and its length come back
            let object = TLV(0x54, Bytes(BigEndian.bytes(UInt32(offset)).drop { $0 == 0 })).encoded
            response = try link.transmit(APDUCommand(0x00, 0xB1, 0, 0, data: object, le: count))
        }
        guard response.status.isSuccess || response.status == .endOfFileReached else {
            throw .chip("reading on was answered \(response.status)")
        }
        guard offset >= 0x8000 else { return response.data }
        guard let object = TLV.parse(response.data), object.tag == 0x53 else { throw .chip("an odd answer to READ B1") }
        return object.value
    }

    private func name(_ fileID: UInt16) -> String { "file \(BigEndian.bytes(fileID).hex)" }

    /// Header and value together, from the first bytes of a file; nil when they are no header.
    static func length(ofHeader bytes: Bytes) -> Int? {
        var reader = ByteReader(bytes)
        guard let first = reader.byte(), first & 0x1F != 0x1F, let lengthByte = reader.byte() else { return nil }
        guard lengthByte >= 0x80 else { return 2 + Int(lengthByte) }
        let count = Int(lengthByte & 0x7F)
        guard (1...4).contains(count), let value = reader.unsigned(count) else { return nil }
        return 2 + count + Int(value)
    }
}
