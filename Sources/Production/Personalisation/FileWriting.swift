import Catalog
import GlobalPlatform
import Ground
import LDS
import OpenSSLCrypto
import SmartCard
import Stations

/// Sends the steps of a dialect: templates in, APDUs out. Wipes each command's data once it is answered.
struct FileWriting {
    let profile: ChipSettings
    var target: (any CardChannel)?
    var values: TemplateValues?
    /// Commands since INSTALL [for personalization].
    private var number: UInt8 = 0

    init(profile: ChipSettings) { self.profile = profile }

    mutating func seal(through session: SecureChannel) {
        values?.seal = { (plain) throws(SakkError) in
            // 80 and zeros, always (EMV CPS)
            var padded = ISO9797.pad2(plain, block: session.sensitiveBlock)
            defer { padded.wipeSecret() }
            return try session.sealSensitive(padded)
        }
    }

    /// `chip.file.size` and `chip.file.unknown`.
    func check(_ files: [ChipFile]) throws(SakkError) {
        let largest = profile.dialect.fileBytesMax
        for file in files {
            let name = BigEndian.bytes(file.fileID).hex
            guard (1...largest).contains(file.bytes.count) else {
                throw SakkError(
                    "chip.file.size", source: "chip", subject: name,
                    text: "The file has \(file.bytes.count) bytes; the applet holds 1 to \(largest).",
                    remedy: "Have the authority send a smaller portrait.")
            }
            guard !file.isInMasterFile || profile.dialect.masterFiles[file.fileID] != nil else {
                throw SakkError(
                    "chip.file.unknown", source: "chip", subject: name,
                    text: "The dialect \(profile.dialect.name) writes no such file in the master file.",
                    remedy: "Correct the chip profile.")
            }
        }
    }

    mutating func write(_ file: ChipFile, by step: ChipDialect.Step) throws(SakkError) {
        let identifier = file.isInMasterFile ? profile.dialect.masterFiles[file.fileID] ?? 0 : file.fileID
        values?.values["file.id"] = BigEndian.bytes(identifier)
        values?.values["file.size"] = BigEndian.bytes(UInt16(file.bytes.count))
        values?.values["file.tag"] = Bytes(file.bytes.prefix(1))
        if step.variables.contains("file.sha256") { values?.values["file.sha256"] = Digest.sha256(file.bytes) }
        for command in step.commands {
            guard command.eachBlock else {
                _ = try send(command, step.name)
                continue
            }
            for offset in stride(from: 0, to: file.bytes.count, by: profile.blockBytes) {
                values?.values["offset"] = BigEndian.bytes(UInt16(offset))
                values?.values["block"] = Bytes(
                    file.bytes[offset..<min(offset + profile.blockBytes, file.bytes.count)])
                _ = try send(command, step.name)
            }
        }
    }

    /// The keys that were born.
    mutating func carryOut(_ step: ChipDialect.Step) throws(SakkError) -> [ChipKeys.Use: Bytes] {
        var born: [ChipKeys.Use: Bytes] = [:]
        for command in step.commands {
            let answer = try send(command, step.name)
            guard let use = command.gives else { continue }
            guard PublicKey(info: answer) != nil else {
                throw SakkError(
                    "chip.key.malformed", source: "chip", outcome: .unknown,
                    text: "What the chip answered to \(step.name) is not a public key.",
                    remedy: "Take the card out and keep it for examination.")
            }
            born[use] = answer
        }
        return born
    }

    private mutating func send(_ command: ChipDialect.Command, _ step: String) throws(SakkError) -> Bytes {
        guard let target, var values else { return [] }
        values.values["number"] = [number]
        var data = try values.fill(command.data)
        defer { data.wipeSecret() }
        let limit = (target as? SecureChannel)?.maximumDataLength ?? 255
        guard data.count > limit else { return try transmit(command, data, values, step) }
        guard command.splits else {
            throw SakkError(
                "chip.command.long", source: "chip",
                text: "A command of \(step) has \(data.count) bytes; \(limit) fit.",
                remedy: "Lower the block size of the chip profile, or let the dialect split the command.")
        }
        var answer = Bytes()
        for start in stride(from: 0, to: data.count, by: limit) {
            values.values["number"] = [number]
            answer = try transmit(command, Bytes(data[start..<min(start + limit, data.count)]), values, step)
        }
        return answer
    }

    private mutating func transmit(
        _ command: ChipDialect.Command, _ data: Bytes, _ values: TemplateValues, _ step: String
    ) throws(SakkError) -> Bytes {
        let header = try values.fill(command.header)
        guard header.count == 4, let target else { return [] }
        var sent = APDUCommand(header[0], header[1], header[2], header[3], data: data, le: command.answerBytes)
        defer { sent.data.wipeSecret() }
        number &+= 1
        let response = try target.transmit(sent)
        guard command.expected.contains(response.status.rawValue) else {
            throw .refused(response.status, step: step, header: sent.header)
        }
        if let shows = command.shows, response.data != (try values.fill(shows)) {
            throw SakkError(
                "chip.file.differs", source: "chip", outcome: .unknown,
                text: "The chip holds something else than what was written (\(step)).",
                remedy: "The chip is killed; keep the card for examination.")
        }
        return response.data
    }

    /// Asks the selected instance in the clear.
    mutating func isAnswered(_ command: ChipDialect.Command, on channel: any CardChannel) throws(SakkError) -> Bool {
        target = channel
        do {
            _ = try send(command, "look")
            return true
        } catch  where error.code == "chip.refused" {
            return false
        }
    }
}
