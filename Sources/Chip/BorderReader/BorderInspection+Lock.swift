public import Ground
internal import LDS
public import SmartCard

extension BorderInspection {
    /// Reads and judges a document that an issuer has just locked. Before all others stands the check `access.plain`: without
    /// access control nothing may be read. A whole document whose LOCK was lost opens like a good one and fails only here.
    /// Fingers get two more: `dg3.closed`, nobody reads them without Terminal Authentication, and, for an inspection system,
    /// `dg3.read`: what is signed was read.
    /// Throws the channel's errors only.
    public func readLocked(
        on channel: any CardChannel, access: DocumentAccess, at time: WallTime
    ) throws(SakkError) -> BorderReading {
        _ = try channel.transmit(.select(aid: ElementaryFile.applicationID))
        let selected = try channel.transmit(.select(file: ElementaryFile.common.fileID))
        var (reading, session) = try open(on: channel, access: access, asIssuer: true, at: time)
        judgeFingers(&reading, session)
        reading.checks.insert(
            BorderReading.Check(
                name: "access.plain", passed: !selected.status.isSuccess,
                detail: "SELECT of EF.COM without access control was answered \(selected.status)",
                reason: selected.status.isSuccess ? .accessOpen : nil),
            at: 0)
        return reading
    }

    private func judgeFingers(_ reading: inout BorderReading, _ session: DocumentSession) {
        guard session.security?.object.hashes[3] != nil else { return }
        let areOpen = session.readsClosedFiles
        reading.check(
            "dg3.closed", !areOpen,
            areOpen ? "EF.DG3 opens without Terminal Authentication" : "EF.DG3 opens to inspection systems alone",
            .fingersOpen)
        guard terminal != nil else { return }
        let isRead = reading.files[0x0103] != nil
        reading.check(
            "dg3.read", isRead, isRead ? "EF.DG3 was read" : "EF.DG3 did not open to the inspection system",
            .fingersUnread)
    }
}
