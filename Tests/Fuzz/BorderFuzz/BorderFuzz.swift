import FuzzDoor
import Ground
import OpenSSLCrypto
import SmartCard

@testable import BorderReader

/// A chip that answers with whatever the fuzzer gives: two bytes of length, then data and status word.
final class HostileChip: CardChannel {
    private var reader: ByteReader
    private var answered = 0

    init(_ bytes: Bytes) { reader = ByteReader(bytes) }

    func transmit(_ command: APDUCommand) throws(SakkError) -> APDUResponse {
        answered += 1
        guard answered < 2000, let length = reader.unsigned(2), let answer = reader.read(Int(length) % 600),
            let response = APDUResponse(encoded: answer)
        else {
            throw SakkError("chip.mute", source: "fuzz", outcome: .unknown, text: "No answer.", remedy: "None.")
        }
        return response
    }
}

private enum Doors {
    static let time = WallTime(microseconds: 1_780_000_000_000_000)
    static let inspection = BorderInspection(trust: TrustStore(authorities: []))
    static let access = DocumentAccess.mrz(documentNumber: "L898902C3", dateOfBirth: "740812", dateOfExpiry: "330415")

    static func walk(_ objects: [TLV], depth: Int = 0) {
        guard depth < 16 else { return }
        for object in objects where object.isConstructed { walk(object.children ?? [], depth: depth + 1) }
    }

    static func certificate(_ bytes: Bytes) {
        guard let data = CertificateData(bytes) else { return }
        _ = CertificateProfile.deviations(ofSigner: data) + CertificateProfile.deviations(ofAuthority: data)
        _ = (data.privateKeyUsage?.from, data.documentTypes, data.country)
        guard let certificate = try? X509Certificate(der: bytes) else { return }
        _ = (certificate.isSigned(by: certificate), certificate.subject, PublicKey(info: certificate.publicKeyInfo))
    }

    static func signed(_ bytes: Bytes) {
        guard let security = SecurityData(bytes) else { return }
        _ = (security.deviations, SignatureJudgement.failure(of: security.signed))
        security.certificates.forEach(certificate)
    }

    /// Lengths that only an end tells: the two ways through them agree on where an object ends.
    static func indefinite(_ bytes: Bytes) {
        for part in [bytes, Bytes(bytes.prefix(bytes.count / 2))] {
            let extent = DefiniteForm.extent(of: part)
            if let form = DefiniteForm(part) {
                precondition(extent == .whole(part.count), "one way sees another end")
                precondition(TLV.parse(form.encoded) != nil, "what was made definite is not")
            }
            guard case .whole(let length) = extent else { continue }
            precondition(length <= part.count, "an end behind the end")
            _ = DefiniteForm(Bytes(part.prefix(length)))
        }
        _ = FileReading.length(ofHeader: bytes)
    }

    static let count = 14 + Int(CardDoors.count)

    /// What a border process says, to the line that asked it.
    static func answer(_ bytes: Bytes) {
        guard case .success(let answer)? = BorderAnswer.decoded(bytes) else { return }
        guard case .success(let again)? = BorderAnswer.decoded(answer.encoded) else {
            preconditionFailure("what was read cannot be written")
        }
        precondition(again.checks == answer.checks && again.portrait == answer.portrait)
    }

    static func open(_ door: UInt8, _ bytes: Bytes) {
        switch door {
        case 12..<12 + CardDoors.count: CardDoors.open(door - 12, bytes)
        case 12 + CardDoors.count: indefinite(bytes)
        case 13 + CardDoors.count: answer(bytes)
        case 0: walk(TLV.parseAll(bytes) ?? [])
        case 1:
            _ = APDUCommand(encoded: bytes)?.encoded
            _ = APDUResponse(encoded: bytes)?.encoded
        case 2: signed(bytes)
        case 3: _ = FaceData(bytes)
        case 4:
            _ = (CVCertificate(bytes), CVCertificate.authorities(inFile: bytes))
        case 5:
            for tag: UInt32 in [0x6B, 0x6C] { _ = DetailGroup(bytes, tag: tag).map { ($0.texts, $0.dateOfIssue) } }
            _ = (CommonData(bytes), MRZData(bytes), FileReading.length(ofHeader: bytes))
        case 6:
            guard let infos = SecurityInfos(bytes) else { return }
            _ = (infos.paceByPreference.count, ChipAuthentication(infos)?.namesKey, infos.oddities)
        case 7: certificate(bytes)
        case 8:
            _ = try? MasterList(bytes, trust: [], at: time)
            _ = (try? CertificateRevocationList(der: bytes))?.count
            _ = CardSecurityFile(bytes)
        case 9:
            var files: [UInt16: Bytes] = [:]
            for (index, object) in (TLV.parseAll(bytes) ?? []).prefix(20).enumerated() {
                let fileID: UInt16 =
                    [0x60: 0x011E, 0x77: 0x011D, 0x61: 0x0101, 0x75: 0x0102, 0x6B: 0x010B, 0x6C: 0x010C, 0x6E: 0x010E][
                        object.tag] ?? 0x0103 + UInt16(index)
                files[fileID] = object.encoded
            }
            _ = inspection.judge(files: files, information: nil, at: time).passed
        case 10: _ = try? inspection.read(on: HostileChip(bytes), access: access, at: time)
        default:
            // a session that has begun: the chip speaks secure messaging with keys that it knows
            let keys = CipherSuite.aes128.keys(from: Bytes(repeating: 7, count: 16))
            let messaging = SecureMessaging(channel: HostileChip(bytes), keys: keys)
            for _ in 0..<8 { _ = try? messaging.transmit(.readBinary(offset: 0, count: 4)) }
            _ = ActiveAuthentication(dataGroup15: bytes, infos: nil)?.verify(bytes, nonce: [1, 2, 3, 4, 5, 6, 7, 8])
            _ = MessageRepresentative(bytes)
        }
        #if PLANTED_BUG
            believing(bytes)
        #endif
    }

    #if PLANTED_BUG
        /// Takes a length from the input for true, as a careless reader of EF.DG2 would.
        static func believing(_ bytes: Bytes) {
            guard bytes.count > 4, bytes[0] == 0x75, bytes[1] == 0x82 else { return }
            let length = Int(bytes[2]) << 8 | Int(bytes[3])
            precondition(bytes[4 + length - 1] >= 0)
        }
    #endif
}

/// The package manager gives every program a main of its own name.
@_cdecl("BorderFuzz_main")
public func fuzzMain(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    FuzzDoor.run(count, arguments, doors: Doors.count, open: Doors.open)
}
