public import BorderReader
public import Catalog
public import GlobalPlatform
public import Ground
public import SmartCard
public import Stations

extension PCSCChipStation {
    /// A station that judges documents with a border's code in this process; `time` says when the certificates are judged.
    public init(
        reader: PCSCReader, profile: ChipSettings, keys: any CardKeySource, guarding guardian: KeySetGuard? = nil,
        production: ProductionKeys? = nil, border: BorderInspection, time: any TimeSource
    ) {
        self.init(reader: reader, profile: profile, keys: keys, guarding: guardian, production: production) {
            channel, access throws(SakkError) in
            try border.report(on: channel, access: access, at: time.wall())
        }
    }

    /// The card is let go, read by the process, and taken again: what it read lay here before and lies here now.
    func read(by border: BorderProcess, _ access: MRZAccess) async throws(SakkError) -> BorderReport {
        let before = try await presence()
        let report = try await border.answer(for: access)
        // when the process was ended, pcscd may not have noticed yet
        let after = try await presence(busyMS: 3000)
        guard after == before else {
            return BorderReport(failed: "identity", "Another chip answers after the border check than before it.")
        }
        return report
    }
}

extension BorderInspection {
    /// Opens the document as a line does after the lock, and tells what a border found. Throws the channel's errors only.
    public func report(
        on channel: any CardChannel, access: MRZAccess, at time: WallTime
    ) throws(SakkError) -> BorderReport {
        BorderReport(BorderAnswer(try readLocked(on: channel, access: DocumentAccess(access), at: time)))
    }
}

extension DocumentAccess {
    init(_ access: MRZAccess) {
        self = .mrz(
            documentNumber: access.documentNumber, dateOfBirth: access.dateOfBirth, dateOfExpiry: access.dateOfExpiry)
    }
}
