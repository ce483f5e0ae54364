public import BorderReader
public import Catalog
public import GlobalPlatform
public import Ground
import LDS
import OpenSSLCrypto
public import SmartCard
public import Stations

extension PCSCChipStation {
    /// A station that judges documents with a border's code; `time` says when the certificates are judged.
    public init(
        reader: PCSCReader, profile: ChipSettings, keys: any CardKeySource, guarding guardian: KeySetGuard? = nil,
        production: ProductionKeys? = nil, border: BorderInspection, time: any TimeSource
    ) {
        self.init(reader: reader, profile: profile, keys: keys, guarding: guardian, production: production) {
            channel, access throws(SakkError) in
            try border.report(on: channel, access: access, at: time.wall())
        }
    }
}

extension BorderInspection {
    /// Opens the document and tells what a border found, and before it the check `access.plain`: without access control
    /// nothing may be read. A whole document whose LOCK was lost opens like a good one and fails only here.
    /// Throws the channel's errors only.
    public func report(
        on channel: any CardChannel, access: MRZAccess, at time: WallTime
    ) throws(SakkError) -> BorderReport {
        let plain = try plainAccess(on: channel)
        let reading = try read(
            on: channel, documentNumber: access.documentNumber, dateOfBirth: access.dateOfBirth,
            dateOfExpiry: access.dateOfExpiry, at: time)
        return BorderReport(
            checks: [plain] + reading.checks.map { BorderCheck(name: $0.name, passed: $0.passed, detail: $0.detail) },
            mrz: reading.mrz, portrait: reading.portrait, sodHash: reading.sodHash,
            fileHashes: reading.files.mapValues { Digest.sha256($0) })
    }

    private func plainAccess(on channel: any CardChannel) throws(SakkError) -> BorderCheck {
        _ = try channel.transmit(.select(aid: ElementaryFile.applicationID))
        let selected = try channel.transmit(.select(file: ElementaryFile.common.fileID))
        return BorderCheck(
            name: "access.plain", passed: !selected.status.isSuccess,
            detail: "SELECT of EF.COM without access control was answered \(selected.status)")
    }
}
