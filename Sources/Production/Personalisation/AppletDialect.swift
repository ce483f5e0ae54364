public import Ground
public import SmartCard
public import Stations

/// How an applet takes its files: job to APDUs, nothing is sent here. A new applet is a new case and its file of facts
/// under firmware-specs.
public enum AppletDialect: String, Sendable, CaseIterable {
    case jmrtd

    /// The whole writing, in order; the last step locks.
    /// - Throws: `chip.file.size` for a file that the applet cannot hold.
    public func steps(for job: ChipJob, blockSize: Int) throws(SakkError) -> [PersonalisationStep] {
        switch self {
        case .jmrtd: try JMRTDDialect(blockSize: blockSize).steps(for: job)
        }
    }
}

/// A named group of commands; each must be answered 9000.
public struct PersonalisationStep: Sendable {
    public enum Kind: Sendable {
        case write
        /// After it nothing can be written any more.
        case lock
    }

    /// Shown as progress: `file.0101`, `access`, `lock`.
    public let name: String
    public let kind: Kind
    public let commands: [APDUCommand]
}

/// The dialect of the open passport applet (firmware-specs/jmrtd-passport-applet/README.md).
struct JMRTDDialect {
    let blockSize: Int

    func steps(for job: ChipJob) throws(SakkError) -> [PersonalisationStep] {
        var steps: [PersonalisationStep] = []
        for file in job.files {
            // the applet keeps sizes in signed 16-bit numbers
            guard (1...0x7FFF).contains(file.bytes.count) else {
                throw SakkError(
                    "chip.file.size", source: "chip", subject: BigEndian.bytes(file.fileID).hex,
                    text: "The file has \(file.bytes.count) bytes; the applet holds 1 to 32767.",
                    remedy: "Have the authority send a smaller portrait.")
            }
            steps.append(
                PersonalisationStep(
                    name: "file.\(BigEndian.bytes(file.fileID).hex)", kind: .write, commands: commands(for: file)))
        }
        steps.append(PersonalisationStep(name: "access", kind: .write, commands: [accessKeys(job.access)]))
        steps.append(PersonalisationStep(name: "lock", kind: .lock, commands: [APDUCommand(0x00, 0xDA, 0xDE, 0xAD)]))
        return steps
    }

    /// CREATE FILE (tag 63), SELECT, UPDATE BINARY in blocks.
    private func commands(for file: ChipFile) -> [APDUCommand] {
        let identifier = BigEndian.bytes(file.fileID)
        var commands = [
            APDUCommand(
                0x00, 0xE0, 0x00, 0x00, data: TLV(0x63, BigEndian.bytes(UInt16(file.bytes.count)) + identifier).encoded),
            APDUCommand(0x00, 0xA4, 0x02, 0x0C, data: identifier),
        ]
        for offset in stride(from: 0, to: file.bytes.count, by: blockSize) {
            let block = Bytes(file.bytes[offset..<min(offset + blockSize, file.bytes.count)])
            commands.append(APDUCommand(0x00, 0xD6, UInt8(offset >> 8), UInt8(offset & 0xFF), data: block))
        }
        return commands
    }

    /// PUT DATA 0062: document number filled to nine, birth, expiry; the applet adds the check digits.
    private func accessKeys(_ access: MRZAccess) -> APDUCommand {
        let number = Bytes(access.documentNumber.utf8)
        let filled = number + Bytes(repeating: UInt8(ascii: "<"), count: max(0, 9 - number.count))
        let fields = [
            TLV(0x5F1F, filled), TLV(0x5F18, Bytes(access.dateOfBirth.utf8)),
            TLV(0x5F19, Bytes(access.dateOfExpiry.utf8)),
        ]
        return APDUCommand(0x00, 0xDA, 0x00, 0x62, data: TLV(0x62, fields).encoded)
    }
}
