import BorderReader
import Catalog
import Ground

/// Whom the fingers on a product's chips open to, and by whom they are proved.
enum FingerTrust {
    /// The authority's certificate for `chip`; nil for a product without fingers. Throws `chip.authority.missing`,
    /// `chip.authority.malformed`, and `chip.fingers.unproved` where neither a step before the lock compares EF.DG3 nor an
    /// inspection system reads it back.
    static func authority(
        for chip: ChipSettings, at path: String?, inspection: String?, source: String
    ) throws(SakkError) -> Bytes? {
        guard chip.document.hasFingers else { return nil }
        guard chip.comparesFingers || inspection != nil else {
            throw SakkError(
                "chip.fingers.unproved", source: source,
                text:
                    "Nothing would prove the fingers on the product's chips: no step compares them, nobody reads them back.",
                remedy: "Add a step with `each: closed_file` to chip.yaml, or name `trust.inspection_system`.")
        }
        guard let path, let bytes = FileBytes.read(path) else {
            throw SakkError(
                "chip.authority.missing", source: source, subject: path,
                text:
                    "The product's chips hold fingers, and the certificate of the authority they open to cannot be read.",
                remedy: "Name it with `trust.terminal_authority`; at a desk it is cvca.cvcert of the key folder.")
        }
        guard TerminalCredentials.isCertificate(bytes) else {
            throw SakkError(
                "chip.authority.malformed", source: path,
                text: "This is no card verifiable certificate.",
                remedy: "Take the self-signed certificate that the country's verifying authority published.")
        }
        return bytes
    }
}
