internal import Ground
internal import OpenSSLCrypto
internal import SmartCard

/// Secure messaging, the reader's side, with triple DES or AES (Doc 9303-11 clause 9.8). A fault ends it: the chip has
/// dropped its keys.
final class SecureMessaging: BorderLink {
    private let channel: any CardChannel
    private var keys: SessionKeys
    private(set) var counter: Bytes

    /// `counter` is the send sequence counter: 8 bytes with triple DES, 16 with AES.
    init(channel: any CardChannel, keys: SessionKeys, counter: Bytes) {
        self.channel = channel
        self.keys = keys
        self.counter = counter
    }

    /// After PACE and Chip Authentication the counter begins at zero (clauses 9.8.6.3 and 9.8.7.3).
    convenience init(channel: any CardChannel, keys: SessionKeys) {
        self.init(channel: channel, keys: keys, counter: Bytes(repeating: 0, count: keys.suite.block))
    }

    /// New keys on the same channel, as Chip Authentication makes them.
    func restart(keys: SessionKeys) {
        self.keys = keys
        counter = Bytes(repeating: 0, count: keys.suite.block)
    }

    /// 256 bytes of answer, less 99 and 8E, less the header of 87, whole blocks, one byte of padding at least.
    var readLimit: Int { keys.suite.block == 8 ? 223 : 223 }

    /// Sends one command protected; the answer is verified and plain. An error status word inside is an answer too.
    func transmit(_ command: APDUCommand) throws(BorderFault) -> APDUResponse {
        let protected = try wrap(command)
        let response: APDUResponse
        do { response = try channel.transmit(protected) } catch { throw .transport(error) }
        return try unwrap(response)
    }

    private func step() {
        for index in counter.indices.reversed() {
            counter[index] &+= 1
            if counter[index] != 0 { return }
        }
    }

    private var suite: CipherSuite { keys.suite }

    /// Zero for triple DES; the encrypted counter for AES (clause 9.8.7.2).
    private func initialVector() throws(BorderFault) -> Bytes {
        suite == .tripleDES ? Bytes(repeating: 0, count: 8) : try suite.encrypt(keys.enc, counter)
    }

    private func wrap(_ command: APDUCommand) throws(BorderFault) -> APDUCommand {
        step()
        let header = [command.cla | 0x0C, command.ins, command.p1, command.p2]
        var body = Bytes()
        if !command.data.isEmpty {
            let plain = ISO9797.pad2(command.data, block: suite.block)
            let cryptogram = try suite.encrypt(keys.enc, iv: try initialVector(), plain)
            body += (command.ins & 1 == 1 ? TLV(0x85, cryptogram) : TLV(0x87, [1] + cryptogram)).encoded
        }
        let isLong = (command.le ?? 0) > 256
        if let le = command.le {
            let bytes = isLong ? BigEndian.bytes(UInt16(truncatingIfNeeded: le)) : [UInt8(truncatingIfNeeded: le)]
            body += TLV(0x97, bytes).encoded
        }
        let message = counter + ISO9797.pad2(header, block: suite.block) + body
        body += TLV(0x8E, try suite.checksum(keys.mac, message)).encoded
        let le = body.count > 255 || isLong ? 65536 : 256
        return APDUCommand(header[0], header[1], header[2], header[3], data: body, le: le)
    }

    private func unwrap(_ response: APDUResponse) throws(BorderFault) -> APDUResponse {
        guard let objects = TLV.parseAll(response.data), let mac = objects.last, mac.tag == 0x8E else {
            throw .chip("an answer without secure messaging: \(response.status)")
        }
        step()
        let covered = objects.dropLast().flatMap(\.encoded)
        guard ConstantTime.equal(try suite.checksum(keys.mac, counter + covered), mac.value) else {
            throw .chip("the checksum of a protected answer is wrong")
        }
        var data: Bytes?
        var status: StatusWord?
        for object in objects.dropLast() {
            switch object.tag {
            case 0x87 where object.value.first == 1 && data == nil:
                data = try decrypt(Bytes(object.value.dropFirst()))
            case 0x85 where data == nil: data = try decrypt(object.value)
            case 0x99 where object.value.count == 2 && status == nil:
                status = StatusWord(rawValue: UInt16(object.value[0]) << 8 | UInt16(object.value[1]))
            default: throw .chip("a protected answer holds an unknown object")
            }
        }
        guard let status, status == response.status else {
            throw .chip("the status word outside a protected answer differs from the one inside")
        }
        return APDUResponse(data: data ?? [], status: status)
    }

    private func decrypt(_ cryptogram: Bytes) throws(BorderFault) -> Bytes {
        let plain = try suite.decrypt(keys.enc, iv: try initialVector(), cryptogram)
        guard let data = ISO9797.unpad2(plain) else { throw .chip("a cryptogram has no padding") }
        return data
    }
}
