internal import Ground
internal import LDS
internal import OpenSSLCrypto

/// Passive authentication (Doc 9303-11 clause 5.1): who signed EF.SOD, whether we trust it, and whether the data groups
/// are the signed ones.
struct PassiveAuthentication {
    let trust: [X509Certificate]
    let time: WallTime

    /// id-icao-mrtd-security-ldsSecurityObject
    private static let contentType = "2.23.136.1.1.1"
    /// Seen in French and Belgian documents.
    private static let oldContentType = "1.3.27.1.1.1"
    /// keyUsage digitalSignature
    private static let digitalSignature: UInt32 = 0x80

    func judge(_ security: SecurityData, into reading: inout BorderReading) {
        judgeHashes(security, into: &reading)
        if security.contentType == Self.oldContentType {
            reading.warnings.append("EF.SOD: content type 1.3.27.1.1.1")
        }
        let isKnownType = [Self.contentType, Self.oldContentType].contains(security.contentType)
        let signer = security.certificates.lazy.compactMap { try? X509Certificate(der: $0) }.first
        let failure = verify(security, at: time)
        switch failure?.code {
        case nil, "cms.chain.untrusted", "cms.certificate.expired":
            reading.check(
                "sod.signature", isKnownType,
                isKnownType ? "one signer, signature fits" : "content type \(security.contentType)")
        default:
            reading.check("sod.signature", false, failure?.text ?? "")
        }
        judgeChain(security, failure, signer, into: &reading)
        judgeSigner(signer, into: &reading)
    }

    private func verify(_ security: SecurityData, at time: WallTime) -> SakkError? {
        do throws(SakkError) {
            let verified = try CMS.verify(
                security.signedData, trust: trust, expectedContentType: security.contentType, at: time)
            // two parsers have read this structure; they must have found the same content
            guard verified.content == security.content else {
                return SakkError(
                    "border.sod.ambiguous", source: "EF.SOD", text: "The signed content can be read in two ways.",
                    remedy: "Reject the document.")
            }
            return nil
        } catch {
            return error
        }
    }

    /// A certificate that ran out is the signer's fault, not the chain's: the chain is judged when the signer began.
    private func judgeChain(
        _ security: SecurityData, _ failure: SakkError?, _ signer: X509Certificate?, into reading: inout BorderReading
    ) {
        var chainFailure = failure
        if failure?.code == "cms.certificate.expired", let signer {
            chainFailure = verify(security, at: signer.notBefore)
            reading.warnings.append("a certificate of the signer is not valid at the time of reading")
        }
        let detail = chainFailure.map(\.text) ?? "the document signer chains to a trusted certificate"
        reading.check("sod.chain", chainFailure == nil, detail)
    }

    private func judgeSigner(_ signer: X509Certificate?, into reading: inout BorderReading) {
        guard let signer else {
            reading.check("sod.signer", false, "EF.SOD holds no document signer certificate")
            return
        }
        var faults: [String] = []
        if !signer.isValid(at: time) { faults.append("certificate not valid at the time of reading") }
        if let usage = signer.keyUsage {
            if usage & Self.digitalSignature == 0 { faults.append("key usage without digital signature") }
            if usage != Self.digitalSignature { reading.warnings.append("document signer: more key usage than needed") }
        } else {
            reading.warnings.append("document signer: no key usage")
        }
        reading.check(
            "sod.signer", faults.isEmpty,
            faults.isEmpty ? "usage and validity as profiled" : faults.joined(separator: "; "))
    }

    private func judgeHashes(_ security: SecurityData, into reading: inout BorderReading) {
        let object = security.object
        let read = Set(
            reading.files.keys.compactMap { fileID in
                (1...16).first { ElementaryFile.dataGroup($0)?.fileID == fileID }
            })
        for number in read.union(object.hashes.keys).sorted() {
            guard let file = ElementaryFile.dataGroup(number), let bytes = reading.files[file.fileID] else {
                // fingers and irises are behind Extended Access Control; everything else was to be read
                if [3, 4].contains(number) {
                    reading.warnings.append("EF.DG\(number) not read, its hash not compared")
                } else {
                    reading.check("dg\(number).hash", false, "signed but not on the chip or not readable")
                }
                continue
            }
            guard let signed = object.hashes[number] else {
                reading.check("dg\(number).hash", false, "on the chip but not signed")
                continue
            }
            let agrees = object.digest.of(bytes) == signed
            reading.check(
                "dg\(number).hash", agrees,
                "\(object.digest.rawValue) " + (agrees ? "fits" : "differs from the signed one"))
        }
    }
}
