public import Ground
public import LDS
public import OpenSSLCrypto

/// The files of one document, ready for a chip.
public struct WrittenDocument: Sendable {
    /// EF.COM, data groups in ascending order, EF.SOD.
    public let files: [(file: ElementaryFile, bytes: Bytes)]
    /// SHA-256 of EF.SOD.
    public let securityObjectHash: Bytes
}

/// Makes EF.COM, DG1, DG2, DG11 and EF.SOD, and signs what further groups it is given. Reads nothing back: `BorderReader` does that with its own code.
public struct DocumentWriter: Sendable {
    private let signer: DocumentSigner
    private let digest: Digest
    private let version: LDSSecurityObject.Version

    /// `digest` for the data groups and the signature; `version` of the security object.
    public init(
        signer: DocumentSigner, digest: Digest = .sha256, version: LDSSecurityObject.Version = .v0
    ) {
        self.signer = signer
        self.digest = digest
        self.version = version
    }

    /// The data groups in ascending order, unsigned.
    public static func groups(of content: DocumentContent) -> [(number: Int, bytes: Bytes)] {
        var groups: [(number: Int, bytes: Bytes)] = [
            (1, DataGroup1(mrz: content.mrz).encoded),
            (2, DataGroup2(face: content.face, encoding: content.faceEncoding).encoded),
        ]
        if let details = content.details { groups.append((11, DataGroup11(details: details).encoded)) }
        let made = Set(groups.map(\.number))
        groups += content.furtherGroups.filter { !made.contains($0.key) }.map { (number: $0.key, bytes: $0.value) }
        return groups.sorted { $0.number < $1.number }
    }

    /// Each call signs anew: nothing of one attempt serves another. Throws the signer's error, outcome not done.
    public func write(_ content: DocumentContent, at time: WallTime) throws(SakkError) -> WrittenDocument {
        let groups = Self.groups(of: content)
        let signed = LDSSecurityObject(files: groups, digest: digest, version: version)
        let object = try SecurityObject(over: signed, signer: signer, at: time).encoded
        var files: [(file: ElementaryFile, bytes: Bytes)] = []
        for group in groups {
            guard let file = ElementaryFile.dataGroup(group.number) else { continue }
            files.append((file, group.bytes))
        }
        let tags = files.map(\.file.tag)
        let common: Bytes
        switch version {
        case .v0: common = EFCommon(dataGroupTags: tags).encoded
        case .v1(let ldsVersion, _): common = EFCommon(dataGroupTags: tags, ldsVersion: ldsVersion).encoded
        }
        return WrittenDocument(
            files: [(ElementaryFile.common, common)] + files + [(ElementaryFile.securityObject, object)],
            securityObjectHash: Digest.sha256(object))
    }
}
