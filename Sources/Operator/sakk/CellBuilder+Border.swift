import Catalog
import Ground
import Personalisation

extension CellBuilder {
    /// What reads documents back at this reader: a process that is told the reader, the country signing certificates, those of
    /// the inspection system, and of each document its zone.
    func border(at reader: String) throws(SakkError) -> BorderProcess {
        BorderProcess(
            reader: reader, trust: line.trust.countrySigning, inspection: try IssuerKeys.inspection(line))
    }

    /// The certificate that fingers on the product's chips open to; nil for a product without fingers.
    func fingerAuthority(_ chip: ChipSettings) throws(SakkError) -> Bytes? {
        try FingerTrust.authority(
            for: chip, at: line.trust.terminalAuthority, inspection: line.trust.inspectionSystem, source: line.path)
    }
}
