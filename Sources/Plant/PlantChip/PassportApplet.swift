internal import Ground

/// One instance of the open passport applet (JMRTD `passportapplet`): its files, access keys and lock.
/// Personalisation is plain: CREATE FILE, SELECT, UPDATE BINARY, PUT DATA, LOCK. After LOCK reading needs Basic Access
/// Control and writing is over; only deleting the instance undoes it.
struct PassportApplet: Sendable {
    struct File: Sendable {
        /// Memory reserved by the first CREATE FILE.
        let capacity: Int
        var bytes: Bytes
    }

    private(set) var files: [UInt16: File] = [:]
    private(set) var access: PassportAccess?
    private(set) var isLocked = false

    private var selected: UInt16?
    private var challenge: Bytes?
    private var session: PassportSession?

    /// EF.COM, DG1 to DG15, EF.CVCA, EF.SOD and the applet's log file: its index has no DG16.
    private static let identifiers: Set<UInt16> = Set(0x0101...0x010F).union([0x011C, 0x011D, 0x011E, 0xDEAD])
    /// Most plain bytes of one protected READ BINARY that still fit a 256-byte response.
    private static let protectedReadLimit = 223

    /// What a reset and a SELECT of the application clear.
    mutating func clearTransientState() {
        selected = nil
        challenge = nil
        session = nil
    }

    mutating func process(_ command: CommandAPDU, random: inout ChipRandom) -> Answer {
        switch command.cla {
        case 0x00:
            session = nil
            return execute(command, isProtected: false, random: &random)
        case 0x0C:
            return processProtected(command, random: &random)
        default:
            return .status(0x6E00)
        }
    }

    private mutating func processProtected(_ command: CommandAPDU, random: inout ChipRandom) -> Answer {
        guard session != nil else { return .status(0x6987) }
        do throws(PassportSession.Fault) {
            guard let inner = try session?.unwrap(command) else { return .status(0x6987) }
            let answer = execute(inner, isProtected: true, random: &random)
            return session?.wrap(answer, oddInstruction: command.ins & 1 == 1) ?? .status(0x6987)
        } catch {
            session = nil
            return .status(error == .missing ? 0x6987 : 0x6988)
        }
    }

    private mutating func execute(_ command: CommandAPDU, isProtected: Bool, random: inout ChipRandom) -> Answer {
        switch command.ins {
        case 0xA4: select(command, isProtected: isProtected)
        case 0xB0, 0xB1: readBinary(command, isProtected: isProtected)
        case 0x84: getChallenge(command, random: &random)
        case 0x82: authenticate(command, random: &random)
        case 0xE0: createFile(command)
        case 0xD6: updateBinary(command)
        case 0xDA: putData(command)
        default: .status(0x6D00)
        }
    }

    private func mayRead(_ isProtected: Bool) -> Bool { !isLocked || isProtected }

    private mutating func select(_ command: CommandAPDU, isProtected: Bool) -> Answer {
        guard mayRead(isProtected) else { return .status(0x6982) }
        guard command.data.count == 2, let fid = BigEndian.unsigned(command.data).map({ UInt16($0) }) else {
            return .status(0x6700)
        }
        guard files[fid] != nil else { return .status(0x6A82) }
        selected = fid
        return Answer()
    }

    private mutating func readBinary(_ command: CommandAPDU, isProtected: Bool) -> Answer {
        guard mayRead(isProtected) else { return .status(0x6982) }
        var offset = command.p1p2
        if command.ins == 0xB1 {
            guard let object = TLV.parse(command.data), object.tag == 0x54, object.value.count <= 2,
                let value = BigEndian.unsigned(object.value)
            else { return .status(0x6A80) }
            offset = Int(value)
        } else if command.p1 & 0x80 != 0 {
            let fid = 0x0100 | UInt16(command.p1 & 0x1F)
            guard files[fid] != nil else { return .status(0x6A82) }
            selected = fid
            offset = Int(command.p2)
        }
        guard let selected, let file = files[selected] else { return .status(0x6985) }
        guard offset < file.bytes.count else { return .status(0x6B00) }
        let limit = isProtected ? Self.protectedReadLimit : 256
        let count = min(command.le ?? 0, limit, file.bytes.count - offset)
        let data = Bytes(file.bytes[offset..<(offset + count)])
        return Answer(command.ins == 0xB1 ? TLV(0x53, data).encoded : data)
    }

    private mutating func getChallenge(_ command: CommandAPDU, random: inout ChipRandom) -> Answer {
        guard access != nil else { return .status(0x6982) }
        guard command.le == 8 else { return .status(0x6700) }
        let value = random.bytes(8)
        challenge = value
        return Answer(value)
    }

    private mutating func authenticate(_ command: CommandAPDU, random: inout ChipRandom) -> Answer {
        guard let access else { return .status(0x6982) }
        guard let rndIC = challenge else { return .status(0x6985) }
        challenge = nil
        guard command.data.count == 40 else { return .status(0x6700) }
        guard let opened = access.authenticate(command.data, rndIC: rndIC, kIC: random.bytes(16)) else {
            return .status(0x6300)
        }
        session = opened.session
        return Answer(opened.response)
    }

    private mutating func createFile(_ command: CommandAPDU) -> Answer {
        guard !isLocked else { return .status(0x6985) }
        let data = command.data
        guard data.count >= 6 else { return .status(0x6700) }
        guard data[0] == 0x63, data[1] == 4 else { return .status(0x6984) }
        let size = Int(data[2]) << 8 | Int(data[3])
        let fid = UInt16(data[4]) << 8 | UInt16(data[5])
        // sizes are signed 16-bit in the applet, and an unknown identifier runs off its table: both uncaught there
        guard size <= 0x7FFF, Self.identifiers.contains(fid) else { return .status(0x6F00) }
        let capacity = files[fid]?.capacity ?? size
        guard size <= capacity else { return .status(0x6A84) }
        files[fid] = File(capacity: capacity, bytes: Bytes(repeating: 0, count: size))
        return Answer()
    }

    private mutating func updateBinary(_ command: CommandAPDU) -> Answer {
        guard !isLocked, let selected, var file = files[selected] else { return .status(0x6985) }
        let offset = command.p1p2
        guard !command.data.isEmpty else { return .status(0x6700) }
        guard offset + command.data.count <= file.bytes.count else { return .status(0x6A84) }
        file.bytes.replaceSubrange(offset..<(offset + command.data.count), with: command.data)
        files[selected] = file
        return Answer()
    }

    private mutating func putData(_ command: CommandAPDU) -> Answer {
        guard !isLocked else { return .status(0x6985) }
        switch command.p1p2 {
        case 0xDEAD:
            isLocked = true
            return Answer()
        case 0x0062:
            guard let outer = TLV.parse(command.data), outer.tag == 0x62, let fields = outer.children,
                fields.count == 3
            else { return .status(0x6A80) }
            access = PassportAccess(
                documentNumber: fields[0].value, dateOfBirth: fields[1].value, dateOfExpiry: fields[2].value)
            return Answer()
        default:
            return .status(0x6A86)
        }
    }
}
