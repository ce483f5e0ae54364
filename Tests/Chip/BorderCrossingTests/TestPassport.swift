import BorderReader
import DocumentWriter
import Ground
import LDS
import OpenSSLCrypto
import PlantChip
import SmartCard
import Testing

/// A virtual card of the plant, held directly instead of through a reader.
final class CardInHand: CardChannel {
    let card: VirtualCard

    init(seed: UInt64) {
        card = VirtualCard(
            configuration: .init(
                cplc: .init(serial: UInt32(seed), batch: 1),
                transportKeys: .init(masterKey: Bytes(repeating: 0x40, count: 16), version: 1), seed: seed,
                deliveredWithInstance: true))
        _ = card.powerOn()
    }

    func transmit(_ command: APDUCommand) throws(SakkError) -> APDUResponse {
        guard let answer = card.process(command.encoded), let response = APDUResponse(encoded: answer) else {
            throw SakkError("chip.mute", source: "test", outcome: .unknown, text: "No answer.", remedy: "None.")
        }
        return response
    }

    /// One data grouping in a STORE DATA of its own; the answer is what was born.
    func store(_ identifier: UInt16, _ data: Bytes, asking: Bool = false) throws(SakkError) -> Bytes {
        let length = data.count < 255 ? [UInt8(data.count)] : [0xFF] + BigEndian.bytes(UInt16(data.count))
        return try expectSuccess(
            APDUCommand(
                0x80, 0xE2, asking ? 0x09 : 0x08, 0, data: BigEndian.bytes(identifier) + length + data,
                le: asking ? 65536 : nil), step: "STORE DATA")
    }

    /// A whole file in pieces.
    func write(_ identifier: UInt16, _ bytes: Bytes) throws(SakkError) {
        for offset in stride(from: 0, to: bytes.count, by: 200) {
            let part = Bytes(bytes[offset..<min(offset + 200, bytes.count)])
            _ = try store(identifier, BigEndian.bytes(UInt16(offset)) + part)
        }
    }
}

/// An invented passport, made by the writer and put into a chip of the plant.
struct TestPassport {
    static let time = WallTime(iso8601: "2026-06-01T12:00:00Z")!
    static let access = DocumentAccess.mrz(
        documentNumber: "L898902C3", dateOfBirth: "740812", dateOfExpiry: "330415")

    /// The chip's passwords and proofs, and the groups to be signed.
    struct Plan {
        var pace: [(SecurityInfoSet.Mapping, SecurityInfoSet.Agreement, SecurityInfoSet.Cipher, Int)] = []
        var can: String?
        var signingKey: Int?
        /// Domain parameters of the Chip Authentication key and the cipher that goes with it.
        var agreement: (Int, SecurityInfoSet.Cipher)?
        var fingers: Bytes?
        var authority: Bytes?
        var face = DataGroup2.Encoding.iso19794
        var faceBytes = Bytes([0xFF, 0xD8, 0xFF, 0xE0]) + Bytes(repeating: 0x5A, count: 600)
        var version = LDSSecurityObject.Version.v0
        var details: DocumentDetails?
        var name = "ANNA MARIA"
        var seed: UInt64 = 7
    }

    let card: CardInHand
    /// What was signed, by file identifier.
    var files: [UInt16: Bytes]

    static func zone(name: String) throws(SakkError) -> [String] {
        try MRZWriter.td3(
            MRZContent(
                documentCode: "P", issuer: "UTO", documentNumber: "L898902C3", nationality: "UTO",
                dateOfBirth: CivilDate(iso8601: "1974-08-12")!, sex: "F",
                dateOfExpiry: CivilDate(iso8601: "2033-04-15")!, optional1: "ZE184226B", optional2: "",
                primary: "ERIKSSON", secondary: name))
    }

    init(_ plan: Plan, signer: TestCountry.Signer, at time: WallTime = time) throws {
        card = CardInHand(seed: plan.seed)
        _ = try card.transmit(.select(aid: ElementaryFile.applicationID))
        var offered = SecurityInfoSet()
        for (mapping, agreement, cipher, parameter) in plan.pace {
            try offered.addPACE(mapping, agreement, cipher, parameter: parameter)
        }
        var content = DocumentContent(
            mrz: try Self.zone(name: plan.name),
            face: FaceImage(format: .jpeg, bytes: plan.faceBytes, width: 413, height: 531, gender: .female),
            details: nil)
        content.faceEncoding = plan.face
        var signed = offered
        if let parameter = plan.signingKey {
            // born in the chip
            let info = try card.store(0xA011, BigEndian.bytes(UInt16(parameter)), asking: true)
            content.furtherGroups[15] = DataGroup15(publicKeyInfo: info).encoded
            if parameter < 512 {
                // the chip hashes as long as its order allows
                let digest: Digest =
                    [
                        8: .sha224, 10: .sha224, 15: .sha384, 16: .sha384, 17: .sha512, 18: .sha512,
                    ][parameter] ?? .sha256
                try signed.addActiveAuthentication(digest)
            }
        }
        let mapsByChip = plan.pace.contains { $0.0 == .chipAuthentication }
        var secured = SecurityInfoSet()
        if let (parameter, cipher) = plan.agreement {
            let domain = try #require(AgreementDomain.standard(parameter))
            let pair = try domain.keyPair()
            let number = UInt8(mapsByChip ? parameter : 1)
            _ = try card.store(0xA020, [number, UInt8(parameter)] + pair.private)
            let agreement: SecurityInfoSet.Agreement = domain.kind == .dh ? .dh : .ecdh
            signed.addChipAuthentication(agreement, cipher, keyID: number)
            let bits = agreement == .dh ? TLV(0x02, [0] + pair.public).encoded : pair.public
            let algorithm = TLV(
                0x30, [TLV(0x06, [0x04, 0x00, 0x7F, 0x00, 0x07, 0x01, 0x02]), TLV(0x02, [UInt8(parameter)])])
            let info = TLV(0x30, [algorithm, TLV(0x03, [0] + bits)]).encoded
            try signed.addChipKey(agreement, publicKeyInfo: info, keyID: number)
            if mapsByChip { secured.addChipKey(point: pair.public, parameter: parameter, keyID: number) }
        }
        if let authority = plan.authority {
            _ = try card.store(0xA030, authority)
            signed.addTerminalAuthentication()
        }
        if !signed.entries.isEmpty { content.furtherGroups[14] = signed.dataGroup14 }
        if let fingers = plan.fingers { content.furtherGroups[3] = fingers }
        if let details = plan.details { content.furtherGroups[12] = DataGroup12(details: details).encoded }
        let identity = DocumentSigner(certificate: signer.certificate, key: signer.key)
        let written = try DocumentWriter(signer: identity, version: plan.version).write(content, at: time)
        files = Dictionary(uniqueKeysWithValues: written.files.map { ($0.file.fileID, $0.bytes) })
        if !plan.pace.isEmpty {
            try card.write(0x111C, offered.encoded)
            if mapsByChip {
                secured.add(contentsOf: offered)
                try card.write(0x111D, try secured.cardSecurity(signer: identity, at: time))
            }
        }
        _ = try card.store(0xA001, Bytes("L898902C3674081223304156".utf8))
        if let can = plan.can { _ = try card.store(0xA002, Bytes(can.utf8)) }
    }

    /// Writes what `files` holds now, and locks.
    func finish() throws {
        for (fileID, bytes) in files { try card.write(fileID, bytes) }
        _ = try card.store(0xAFFF, [1])
        _ = card.card.powerOn()
    }
}
