internal import Ground
internal import LDS
internal import OpenSSLCrypto

/// Passive authentication (Doc 9303-11 clause 5.1): who signed EF.SOD, whether we trust it, and whether the data groups
/// are the signed ones.
struct PassiveAuthentication {
    let trust: TrustStore
    let time: WallTime

    /// id-icao-mrtd-security-ldsSecurityObject
    private static let contentType = "2.23.136.1.1.1"
    /// Seen in French and Belgian documents.
    private static let oldContentType = "1.3.27.1.1.1"

    func judge(_ security: SecurityData, into reading: inout BorderReading) {
        judgeHashes(security, into: &reading)
        reading.warnings += security.deviations
        if security.contentType == Self.oldContentType {
            reading.warnings.append("EF.SOD: content type 1.3.27.1.1.1")
        }
        let isKnownType = [Self.contentType, Self.oldContentType].contains(security.contentType)
        // older documents leave it to directories to tell their signer's certificate (Doc 9303-12 clause 5)
        let known = security.certificates.isEmpty ? trust.certificates.filter { security.signed.isBy($0.der) } : []
        let failure = SignatureJudgement.failure(of: security.signed, known)
        reading.check(
            "sod.signature", failure == nil && isKnownType,
            failure?.text ?? (isKnownType ? "one signer, signature fits" : "content type \(security.contentType)"),
            failure != nil ? .signatureInvalid : .contentType)
        let encoded = security.signed.signer ?? security.certificates.first ?? known.first?.der
        guard let encoded, let signer = try? X509Certificate(der: encoded), let data = CertificateData(encoded) else {
            let detail = "EF.SOD holds no document signer certificate, and none of those that are known is named"
            reading.check("sod.chain", false, detail, .signerMissing)
            reading.check("sod.signer", false, detail, .signerMissing)
            return
        }
        let chain = SignerChain(trust: trust, time: time)
        if failure == nil {
            chain.judge(signer, data, name: "sod.chain", into: &reading)
        } else {
            reading.check("sod.chain", false, "nothing is signed", .signatureInvalid)
        }
        judgeSigner(signer, data, security, into: &reading)
    }

    private func judgeSigner(
        _ signer: X509Certificate, _ data: CertificateData, _ security: SecurityData, into reading: inout BorderReading
    ) {
        var faults: [(BorderReason, String)] = []
        if !signer.isValid(at: time) { faults.append((.signerExpired, "certificate not valid at the time of reading")) }
        if let usage = data.keyUsage, (usage.first ?? 0) & 0x80 == 0 {
            faults.append((.signerPurpose, "key usage without digital signature"))
        }
        if data["2.5.29.37"] != nil { faults.append((.signerPurpose, "extended key usage in a signer's certificate")) }
        let known: Set<String> = [
            "2.5.29.14", "2.5.29.15", "2.5.29.16", "2.5.29.17", "2.5.29.18", "2.5.29.19", "2.5.29.31", "2.5.29.32",
            "2.5.29.35", "2.5.29.37", "2.23.136.1.1.6.1", "2.23.136.1.1.6.2",
        ]
        for stranger in data.extensions where stranger.isCritical && !known.contains(stranger.identifier) {
            faults.append((.signerPurpose, "unknown critical extension \(stranger.identifier)"))
        }
        if let period = data.privateKeyUsage, let signed = security.signed.signingTime ?? issueDate(of: reading),
            period.from.map({ signed < $0 }) == true || period.until.map({ $0 < signed }) == true
        {
            faults.append((.signerUsagePeriod, "signed at \(signed.date), outside the key's usage period"))
        }
        if let types = data.documentTypes, let code = documentCode(of: reading),
            !types.contains(where: { $0 == code || $0 == code.prefix(1) })
        {
            faults.append((.signerDocumentType, "the signer is for \(types.joined(separator: ", "))"))
        }
        if let state = issuingState(of: reading), let country = CountryCode.twoLetters(state), let own = data.country,
            own.uppercased() != country
        {
            faults.append((.signerForeign, "a signer of \(own) for a document of \(state)"))
        }
        reading.warnings += CertificateProfile.deviations(ofSigner: data).map { "document signer: \($0)" }
        reading.check(
            "sod.signer", faults.isEmpty,
            faults.isEmpty ? "usage and validity as profiled" : faults.map(\.1).joined(separator: "; "),
            faults.first?.0 ?? .signerPurpose)
    }

    /// Date of issue from EF.DG12, where it is there.
    private func issueDate(of reading: BorderReading) -> WallTime? {
        guard let details = reading.files[0x010C].flatMap({ DetailGroup($0, tag: 0x6C) }),
            let digits = details.dateOfIssue
        else { return nil }
        let text = Array(digits)
        return WallTime(iso8601: "\(String(text[0..<4]))-\(String(text[4..<6]))-\(String(text[6..<8]))T12:00:00Z")
    }

    private func issuingState(of reading: BorderReading) -> String? {
        guard let line = reading.files[0x0101].flatMap({ MRZData($0) })?.lines.first else { return nil }
        return String(line.dropFirst(2).prefix(3).filter { $0 != "<" })
    }

    private func documentCode(of reading: BorderReading) -> String? {
        guard let line = reading.files[0x0101].flatMap({ MRZData($0) })?.lines.first else { return nil }
        return String(line.prefix(2).filter { $0 != "<" })
    }

    private func judgeHashes(_ security: SecurityData, into reading: inout BorderReading) {
        let object = security.object
        let read = Set(
            reading.files.keys.compactMap { fileID in
                (1...16).first { ElementaryFile.dataGroup($0)?.fileID == fileID }
            })
        let both = read.intersection(object.hashes.keys)
        let differing = both.filter { number in
            guard let bytes = ElementaryFile.dataGroup(number).flatMap({ reading.files[$0.fileID] }) else {
                return false
            }
            return object.digest.of(bytes) != object.hashes[number]
        }
        // what the hashes that differ have in common tells how the document came to be wrong
        let meaning: BorderReason =
            if differing.isSubset(of: [14, 15]), differing.count < both.count {
                .securityObjectStale
            } else if differing == both, both.count > 1 {
                .securityObjectForeign
            } else {
                .groupForeign
            }
        for number in read.union(object.hashes.keys).sorted() {
            let name = "dg\(number).hash"
            guard read.contains(number) else {
                // fingers and irises are behind Extended Access Control; everything else was to be read
                if [3, 4].contains(number) {
                    reading.unread.insert(number)
                } else {
                    reading.check(name, false, "signed but not on the chip or not readable", .groupMissing)
                }
                continue
            }
            guard object.hashes[number] != nil else {
                reading.check(name, false, "on the chip but not signed", .groupUnsigned)
                continue
            }
            let agrees = !differing.contains(number)
            reading.check(
                name, agrees,
                "\(object.digest.rawValue) " + (agrees ? "fits" : "differs from the signed one"), meaning)
        }
    }
}

/// Whether the one signature of a signed file fits, without asking who made it.
enum SignatureJudgement {
    /// `others`: where its certificate is looked for when the file does not bring it.
    static func failure(of file: SignedFile, _ others: [X509Certificate] = []) -> SakkError? {
        do throws(SakkError) {
            let verified = try CMS.verifySignature(
                file.encoded, expectedContentType: file.contentType, others: others)
            // two parsers have read this structure; they must have found the same content
            guard verified.content == file.content else {
                return SakkError(
                    "border.sod.ambiguous", source: "border check", text: "The signed content can be read in two ways.",
                    remedy: "Reject the document.")
            }
            return nil
        } catch {
            return error
        }
    }
}
