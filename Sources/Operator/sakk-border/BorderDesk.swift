import BorderReader
import Ground
import SmartCard

/// The check for a line: one document after another at one reader, each by the values of its zone.
struct BorderDesk: Sendable {
    private let inspection: BorderInspection
    private let reader: PCSCReader
    private let clock: any TimeSource

    init(_ inspection: BorderInspection, at reader: PCSCReader, clock: any TimeSource) {
        self.inspection = inspection
        self.reader = reader
        self.clock = clock
    }

    /// `request`: DOCUMENT,BIRTH,EXPIRY as in the zone; empty before the first one.
    func answer(_ request: Bytes) async -> Bytes {
        guard !request.isEmpty else { return BorderAnswer.ready }
        do throws(SakkError) {
            guard let zone = String(validating: request, as: UTF8.self),
                let access = DocumentAccess(mrz: zone, can: nil)
            else {
                throw SakkError(
                    "border.request", source: "reader \(reader.name)",
                    text: "The values of the zone cannot open a chip.",
                    remedy: "Look at the zone of the document.")
            }
            return BorderAnswer(try await read(access)).encoded
        } catch {
            // whatever it was: the next document finds a connection of its own
            await reader.disconnect()
            return BorderAnswer.encoded(error)
        }
    }

    private func read(_ access: DocumentAccess) async throws(SakkError) -> BorderReading {
        let (inspection, clock) = (inspection, clock)
        if !(await reader.isConnected) { try await reader.connect() }
        // one of us that was ended may hold it for a moment
        return try await inspection.read(busyMS: 3000, at: reader) { channel throws(SakkError) in
            try inspection.readLocked(on: channel, access: access, at: clock.wall())
        }
    }
}
