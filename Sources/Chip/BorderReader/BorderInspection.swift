public import Ground
internal import LDS
public import OpenSSLCrypto
public import SmartCard

/// Opens a document the way a border does: Basic Access Control, every file, passive authentication. Shares nothing with
/// the writer but byte types and the names of the logical data structure.
public struct BorderInspection: Sendable {
    private let trust: [X509Certificate]

    /// `trust`: the country signing certificates.
    public init(trust: [X509Certificate]) { self.trust = trust }

    /// Reads and judges the document on `channel`.
    /// - Parameters:
    ///   - documentNumber: as printed, without check digit; filler is added.
    ///   - dateOfBirth: YYMMDD; - dateOfExpiry: YYMMDD.
    ///   - time: when certificates are judged.
    /// - Returns: a reading with failed checks for a document that does not open or is wrong.
    /// - Throws: the channel's error only, when no answer came.
    public func read(
        on channel: any CardChannel, documentNumber: String, dateOfBirth: String, dateOfExpiry: String,
        at time: WallTime
    ) throws(SakkError) -> BorderReading {
        let information = AccessKeys.information(
            documentNumber: documentNumber, dateOfBirth: dateOfBirth, dateOfExpiry: dateOfExpiry)
        var reading = BorderReading()
        let selected = try channel.transmit(.select(aid: ElementaryFile.applicationID))
        reading.check("application", selected.status.isSuccess, "SELECT was answered \(selected.status)")
        guard selected.status.isSuccess else { return reading }
        let nonces = try BasicAccess.Nonces.fresh()
        do throws(BorderFault) {
            let messaging = try BasicAccess.open(channel, information: information, nonces: nonces)
            reading.check("bac", true, "both sides authenticated")
            try readFiles(with: FileReading(messaging: messaging), into: &reading)
        } catch {
            switch error {
            case .transport(let failure): throw failure
            case .chip(let text): reading.check(reading[check: "bac"] == nil ? "bac" : "files", false, text)
            }
            guard reading[check: "files"] != nil else { return reading }
        }
        judge(&reading, information: information, at: time)
        return reading
    }

    /// Judges files that were read elsewhere, with the checks that need no chip. `information` is document number, birth
    /// and expiry with their check digits; without it there is no check `dg1.access`.
    public func judge(files: [UInt16: Bytes], information: String?, at time: WallTime) -> BorderReading {
        var reading = BorderReading()
        reading.files = files
        judge(&reading, information: information, at: time)
        return reading
    }

    /// EF.COM and EF.SOD, then every data group that either of them names.
    private func readFiles(with files: FileReading, into reading: inout BorderReading) throws(BorderFault) {
        var refused: [String] = []
        for file in [ElementaryFile.common, .securityObject] {
            let result = try files.read(file.fileID)
            reading.files[file.fileID] = result.bytes
            if let status = result.refusal { refused.append("\(file.name) \(status)") }
        }
        var numbers: Set<Int> = [1, 2]
        if let bytes = reading.files[ElementaryFile.common.fileID], let common = CommonData(bytes) {
            numbers.formUnion(common.tags.compactMap { ElementaryFile.withTag($0)?.dataGroup })
        }
        if let bytes = reading.files[ElementaryFile.securityObject.fileID], let security = SecurityData(bytes) {
            numbers.formUnion(security.object.hashes.keys)
        }
        for number in numbers.sorted() {
            guard let file = ElementaryFile.dataGroup(number) else { continue }
            let result = try files.read(file.fileID)
            reading.files[file.fileID] = result.bytes
            guard let status = result.refusal else { continue }
            // fingers and irises open only to Extended Access Control
            if [3, 4].contains(number), status == .securityStatusNotSatisfied {
                reading.warnings.append("\(file.name) is behind Extended Access Control")
            } else {
                refused.append("\(file.name) \(status)")
            }
        }
        let sizes = "\(reading.files.count) files, \(reading.files.values.reduce(0) { $0 + $1.count }) bytes"
        reading.check("files", refused.isEmpty, refused.isEmpty ? sizes : refused.joined(separator: "; "))
    }

    private func judge(_ reading: inout BorderReading, information: String?, at time: WallTime) {
        let common = reading.files[ElementaryFile.common.fileID].flatMap { CommonData($0) }
        let sod = reading.files[ElementaryFile.securityObject.fileID]
        reading.sodHash = sod.map { Digest.sha256($0) } ?? []
        if let security = sod.flatMap({ SecurityData($0) }) {
            let agrees = common?.dataGroups == Set(security.object.hashes.keys)
            reading.check(
                "com.sod.agree", agrees,
                agrees ? "the same data groups" : "EF.COM and EF.SOD name different data groups")
            PassiveAuthentication(trust: trust, time: time).judge(security, into: &reading)
        } else {
            let detail = sod == nil ? "no EF.SOD" : "EF.SOD is not signed data with an LDS security object"
            for name in ["com.sod.agree", "sod.signature", "sod.chain", "sod.signer"] {
                reading.check(name, false, detail)
            }
        }
        judgeZone(&reading, information: information)
        judgeFace(&reading)
        guard let file = reading.files[0x010B] else { return }
        let details = PersonalDetails(file)
        reading.personalDetails = details?.values ?? [:]
        if details?.listAgrees != true { reading.warnings.append("EF.DG11: tag list and content differ") }
    }

    private func judgeZone(_ reading: inout BorderReading, information: String?) {
        guard let data = reading.files[0x0101].flatMap({ MRZData($0) }),
            let zone = try? MachineReadableZone(lines: data.lines)
        else {
            reading.check("dg1.mrz", false, "no EF.DG1 with a machine readable zone")
            if information != nil { reading.check("dg1.access", false, "no machine readable zone to compare") }
            return
        }
        reading.mrz = data.lines
        let wrong = zone.faults.map(\.rawValue).sorted().joined(separator: ", ")
        reading.check("dg1.mrz", wrong.isEmpty, wrong.isEmpty ? "check digits fit" : "check digit wrong: \(wrong)")
        guard let information else { return }
        let agrees = zone.information == information
        reading.check(
            "dg1.access", agrees,
            agrees ? "the zone that opened the chip" : "EF.DG1 is not the zone that opened the chip")
    }

    private func judgeFace(_ reading: inout BorderReading) {
        guard let face = reading.files[0x0102].flatMap({ FaceData($0) }) else {
            reading.check("dg2.face", false, "no EF.DG2 with a face image")
            return
        }
        reading.portrait = face.image
        reading.portraitFormat = face.format.rawValue
        reading.warnings += face.warnings
        let size = face.width > 0 ? ", \(face.width) x \(face.height)" : ""
        reading.check("dg2.face", true, "\(face.format.rawValue), \(face.image.count) bytes\(size)")
    }
}
