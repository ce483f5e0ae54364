import Catalog
import Personalisation

extension CellBuilder {
    /// What reads documents back at this reader: a process that is told the reader, the country signing certificates, and
    /// of each document its zone.
    func border(at reader: String) -> BorderProcess { BorderProcess(reader: reader, trust: line.trust.countrySigning) }
}
