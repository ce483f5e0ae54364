import Artwork
import Catalog
import Ground
import KeyVault
import OpenSSLCrypto

extension CellBuilder {
    /// Makes the seals of the line's product; nil when the line names no signer of seals: a product that has one is then
    /// held (`artwork.seal.missing`). A cell keeps the signatures of a token, so that its documents can be drawn again.
    func sealer(of cell: LineProfile.Cell? = nil) throws(SakkError) -> CardArtwork.Sealer? {
        guard let configured = line.keys.seal else { return nil }
        guard
            let signer = VisibleDigitalSeal.Signer(
                identifier: configured.identifier, certificateReference: configured.certificateReference)
        else {
            throw SakkError(
                "config.value", source: line.path, subject: "keys.seal",
                text: "The signer of seals has four characters A-Z, 0-9, its certificate 1 to 15 digits 0-9, A-F.",
                remedy: "Correct `keys.seal` in the line's file.")
        }
        let key = try IssuerKeys.signer(configured.key)
        guard let half = PublicKey(info: try key.publicKeyInfo()), case .ec(let width, _) = half.kind else {
            throw SakkError(
                "keys.kind", source: line.path, subject: "keys.seal", text: "Seals are signed with ECDSA.",
                remedy: "Name an EC key for the seals.")
        }
        var kept: KeptSignatures?
        if let cell, let sealFolder {
            try OutputFolder.make(sealFolder)
            kept = try KeptSignatures(path: "\(sealFolder)/seals-\(cell.id.rawValue)", key: half, digest: .sha256)
        }
        return { [kept] (record, mrz, feature) throws(SakkError) in
            let seal = try VisibleDigitalSeal(record: record, mrz: mrz, feature: feature, signer: signer)
            // a key in a file signs the same seal alike each time; a token makes another signature at each call
            if let key = key as? PrivateKey {
                return try seal.encoded(signature: try key.signRepeatable(seal.signedBytes))
            }
            let sign = { () throws(SakkError) in
                try VisibleDigitalSeal.plain(try key.sign(seal.signedBytes, digest: .sha256), width: width)
            }
            let signature = if let kept { try kept.signature(of: seal.signedBytes, sign: sign) } else { try sign() }
            return try seal.encoded(signature: signature)
        }
    }
}

extension VisibleDigitalSeal {
    /// Ecdsa-Sig-Value (RFC 3279, 2.2.3) as r and s, each as wide as the key.
    static func plain(_ der: Bytes, width: Int) throws(SakkError) -> Bytes {
        guard let numbers = TLV.parseAll(der)?.first?.children, numbers.count == 2 else {
            throw SakkError(
                "artwork.seal.content", source: "seal", text: "The signature is not an ECDSA signature.",
                remedy: "Name an EC key for the seals.")
        }
        let (r, s) = (numbers[0].value.drop { $0 == 0 }, numbers[1].value.drop { $0 == 0 })
        let zeros = { (count: Int) in Bytes(repeating: 0, count: max(width - count, 0)) }
        return zeros(r.count) + r + zeros(s.count) + s
    }
}
