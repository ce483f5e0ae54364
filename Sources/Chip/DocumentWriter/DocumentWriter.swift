public import Ground
public import LDS
import OpenSSLCrypto

/// The files of one document, ready for a chip.
public struct WrittenDocument: Sendable {
    /// EF.COM, data groups in ascending order, EF.SOD.
    public let files: [(file: ElementaryFile, bytes: Bytes)]
    /// SHA-256 of EF.SOD.
    public let securityObjectHash: Bytes
}

/// Makes EF.COM, DG1, DG2, DG11 and EF.SOD. Reads nothing back: `BorderReader` does that with its own code.
public struct DocumentWriter: Sendable {
    private let signer: DocumentSigner

    public init(signer: DocumentSigner) { self.signer = signer }

    /// Each call signs anew: nothing of one attempt serves another. Throws the signer's error, outcome not done.
    public func write(_ content: DocumentContent, at time: WallTime) throws(SakkError) -> WrittenDocument {
        var groups: [(number: Int, bytes: Bytes)] = [
            (1, DataGroup1(mrz: content.mrz).encoded), (2, DataGroup2(face: content.face).encoded),
        ]
        if let details = content.details { groups.append((11, DataGroup11(details: details).encoded)) }
        let hashes = Dictionary(uniqueKeysWithValues: groups.map { ($0.number, Digest.sha256($0.bytes)) })
        let object = try SecurityObject(over: LDSSecurityObject(hashes: hashes), signer: signer, at: time).encoded
        var files: [(file: ElementaryFile, bytes: Bytes)] = []
        for group in groups {
            guard let file = ElementaryFile.dataGroup(group.number) else { continue }
            files.append((file, group.bytes))
        }
        let common = EFCommon(dataGroupTags: files.map(\.file.tag)).encoded
        return WrittenDocument(
            files: [(ElementaryFile.common, common)] + files + [(ElementaryFile.securityObject, object)],
            securityObjectHash: Digest.sha256(object))
    }
}
