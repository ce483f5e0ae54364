import Catalog
import Ground
import Personalisation

extension CellBuilder {
    /// What reads documents back at this reader: a process that is told the reader, the country signing certificates, and
    /// of each document its zone.
    func border(at reader: String) -> BorderProcess {
        BorderProcess(reader: reader, trust: line.trust.countrySigning, terminal: line.trust.inspectionSystem)
    }

    /// The certificate that fingers on the product's chips open to; nil for a product without fingers.
    func fingerAuthority(_ chip: ChipSettings) throws(SakkError) -> Bytes? {
        try FingerTrust.authority(
            for: chip, at: line.trust.terminalAuthority, inspection: line.trust.inspectionSystem, source: line.path)
    }
}
