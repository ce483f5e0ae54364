public import Ground
internal import LDS
public import SmartCard

extension BorderInspection {
    /// Reads and judges a document that an issuer has just locked. Before all others stands the check `access.plain`: without
    /// access control nothing may be read. A whole document whose LOCK was lost opens like a good one and fails only here.
    /// Throws the channel's errors only.
    public func readLocked(
        on channel: any CardChannel, access: DocumentAccess, at time: WallTime
    ) throws(SakkError) -> BorderReading {
        _ = try channel.transmit(.select(aid: ElementaryFile.applicationID))
        let selected = try channel.transmit(.select(file: ElementaryFile.common.fileID))
        var reading = try read(on: channel, access: access, at: time)
        reading.checks.insert(
            BorderReading.Check(
                name: "access.plain", passed: !selected.status.isSuccess,
                detail: "SELECT of EF.COM without access control was answered \(selected.status)",
                reason: selected.status.isSuccess ? .accessOpen : nil),
            at: 0)
        return reading
    }
}
