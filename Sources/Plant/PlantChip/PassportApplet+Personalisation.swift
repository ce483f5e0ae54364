internal import Ground

/// The two dialects in which the applet is written (firmware-specs/jmrtd-passport-applet and emrtd-store-data).
extension PassportApplet {
    /// EF.COM, DG1 to DG15, EF.CVCA, EF.SOD and the applet's log file: the open applet's index has no DG16.
    private static let identifiers: Set<UInt16> = Set(0x0101...0x010F).union([0x011C, 0x011D, 0x011E, 0xDEAD])

    /// Whether a command of the open applet's dialect is taken; from the first one on the instance is one of those.
    private mutating func opens() -> Bool {
        guard !isLocked, !packageIsLocked else { return false }
        isOpenApplet = true
        return true
    }

    mutating func createFile(_ command: CommandAPDU) -> Answer {
        guard opens() else { return .status(0x6985) }
        let data = command.data
        guard data.count >= 6 else { return .status(0x6700) }
        guard data[0] == 0x63, data[1] == 4 else { return .status(0x6984) }
        let size = Int(data[2]) << 8 | Int(data[3])
        let fid = UInt16(data[4]) << 8 | UInt16(data[5])
        // sizes are signed 16-bit in the applet, and an unknown identifier runs off its table: both uncaught there
        // fingers and irises ask for an authority's certificate, which this dialect does not write
        guard fid != 0x0103, fid != 0x0104 else { return .status(0x6982) }
        guard size <= 0x7FFF, Self.identifiers.contains(fid) else { return .status(0x6F00) }
        let capacity = files[fid]?.capacity ?? size
        guard size <= capacity else { return .status(0x6A84) }
        files[fid] = File(capacity: capacity, bytes: Bytes(repeating: 0, count: size))
        return Answer()
    }

    mutating func updateBinary(_ command: CommandAPDU) -> Answer {
        guard opens(), let selected, var file = files[selected] else { return .status(0x6985) }
        let offset = command.p1p2
        guard !command.data.isEmpty else { return .status(0x6700) }
        guard offset + command.data.count <= file.bytes.count else { return .status(0x6A84) }
        file.bytes.replaceSubrange(offset..<(offset + command.data.count), with: command.data)
        files[selected] = file
        return Answer()
    }

    mutating func putData(_ command: CommandAPDU) -> Answer {
        guard opens() else { return .status(0x6985) }
        switch command.p1p2 {
        case 0xDEAD:
            isLocked = true
            return Answer()
        case 0x0060, 0x0061: return putSigningKey(command)
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

    /// PUT DATA 60 and 61: modulus, then private exponent, RSA with 1024 bits only. The applet's scanner steps over the value of
    /// the first object and takes the second: where the number is inside the first it runs off its buffer, uncaught there.
    private mutating func putSigningKey(_ command: CommandAPDU) -> Answer {
        guard let objects = TLV.parseAll(command.data), objects.count == 2, objects[0].tag == UInt32(command.p2) else {
            return .status(0x6F00)
        }
        // one leading zero, as Java writes positive numbers, is taken away
        let value = objects[1].value
        let number = value.first == 0 ? Bytes(value.dropFirst()) : value
        guard !number.isEmpty, number.count <= 128 else { return .status(0x6F00) }
        if command.p2 == 0x60 {
            modulus = number
        } else {
            guard let modulus else { return .status(0x6985) }
            signingKey = ChipKey(material: .rsa(modulus: modulus, exponent: number))
        }
        return Answer()
    }

    /// STORE DATA (GlobalPlatform 2.3.1 clause 11.11) with data groupings: two bytes of identifier, a length of one byte
    /// or FF and two, the data. P1 bit 1 asks for an answer: the public keys born in this block.
    mutating func storeData(_ command: CommandAPDU) -> Answer {
        guard !isLocked else { return .status(0x6985) }
        guard command.p1 & 0x18 == 0x08 else { return .status(0x6A86) }
        var reader = ByteReader(command.data)
        var born = Bytes()
        while !reader.isAtEnd {
            guard let identifier = reader.unsigned(2), let first = reader.byte(),
                let length = first == 0xFF ? reader.unsigned(2) : UInt64(first), let data = reader.read(Int(length))
            else { return .status(0x6A80) }
            let answer = store(UInt16(identifier), data)
            guard answer.status == 0x9000 else { return answer }
            born += answer.data
        }
        return Answer(command.p1 & 0x01 == 0x01 ? born : [])
    }

    private mutating func store(_ identifier: UInt16, _ data: Bytes) -> Answer {
        switch identifier {
        case 0x0101...0x0110, 0x011C, 0x011D, 0x011E: return write(identifier, data, masterFile: false)
        case 0x111C, 0x111D: return write(identifier & 0x0FFF, data, masterFile: true)
        case 0xA001: access = PassportAccess(information: data)
        case 0xA002: cardAccessNumber = data
        case 0xA003: allowsBasicAccess = data.first != 0
        case 0xA010:
            guard let key = ChipKey(pkcs8: data) else { return .status(0x6A80) }
            signingKey = key
        case 0xA011:
            guard let parameter = BigEndian.unsigned(data), let made = ChipKey.fresh(Int(parameter)) else {
                return .status(0x6A80)
            }
            signingKey = made.key
            return Answer(made.info)
        case 0xA020:
            // number of the key, domain parameters, private number
            guard data.count > 2, ChipGroup(parameter: Int(data[1])) != nil else { return .status(0x6A80) }
            keep(AgreementKey(number: [data[0]], parameter: Int(data[1]), secret: Bytes(data.dropFirst(2))))
        case 0xA021: return bear(data)
        case 0xA030:
            // out of an encrypted list padding stands behind it
            var reader = ByteReader(data)
            guard let object = TLV.parse(&reader), let certificate = ChipCertificate(object.encoded, issuer: nil) else {
                return .status(0x6A80)
            }
            trustPoint = PassportTerminal.TrustPoint(certificate: certificate, date: certificate.effective)
            let reference = TLV(0x42, certificate.holder).encoded
            let file = reference + Bytes(repeating: 0, count: max(0, 36 - reference.count))
            files[0x011C] = File(capacity: file.count, bytes: file)
        case 0xA040:
            // what it holds of this file, as a hash: the only answer about a file that may not be read any more
            guard let number = BigEndian.unsigned(data), let file = files[UInt16(truncatingIfNeeded: number)] else {
                return .status(0x6A88)
            }
            return Answer(ChipCrypto.sha256(file.bytes))
        case 0xAFFF: isLocked = true
        default: return .status(0x6A88)
        }
        return Answer()
    }

    private mutating func keep(_ key: AgreementKey) {
        agreementKeys.removeAll { $0.number == key.number }
        agreementKeys.append(key)
    }

    /// A Chip Authentication key that never leaves: its public key is the answer.
    private mutating func bear(_ data: Bytes) -> Answer {
        guard data.count == 2, let name = ChipGroup.curveName(Int(data[1])), !name.isEmpty,
            let made = ChipKey.fresh(Int(data[1])), let secret = made.key.secret
        else { return .status(0x6A80) }
        keep(AgreementKey(number: [data[0]], parameter: Int(data[1]), secret: secret))
        return Answer(made.info)
    }

    /// Two bytes of offset, then content; the file grows as it is written.
    private mutating func write(_ fid: UInt16, _ data: Bytes, masterFile: Bool) -> Answer {
        guard data.count > 2, let offset = BigEndian.unsigned(data.prefix(2)).map({ Int($0) }) else {
            return .status(0x6A80)
        }
        let content = Bytes(data.dropFirst(2))
        var bytes = masterFile ? masterFiles[fid] ?? [] : files[fid]?.bytes ?? []
        guard offset <= bytes.count else { return .status(0x6A84) }
        bytes.replaceSubrange(offset..<min(bytes.count, offset + content.count), with: content)
        if masterFile { masterFiles[fid] = bytes } else { files[fid] = File(capacity: 0x10000, bytes: bytes) }
        return Answer()
    }
}
