internal import Ground
internal import OpenSSLCrypto
internal import SmartCard

/// 3DES secure messaging, the reader's side (Doc 9303-11 clause 9.8). A fault ends it: the chip has dropped its keys.
final class SecureMessaging {
    private let channel: any CardChannel
    private let keys: AccessKeys
    private(set) var counter: Bytes

    init(channel: any CardChannel, keys: AccessKeys, counter: Bytes) {
        self.channel = channel
        self.keys = keys
        self.counter = counter
    }

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

    private func wrap(_ command: APDUCommand) throws(BorderFault) -> APDUCommand {
        step()
        let header = [command.cla | 0x0C, command.ins, command.p1, command.p2]
        var body = Bytes()
        if !command.data.isEmpty {
            let plain = ISO9797.pad2(command.data, block: 8)
            let cryptogram = try BorderCipher.encrypt(keys.enc, plain)
            body += (command.ins & 1 == 1 ? TLV(0x85, cryptogram) : TLV(0x87, [1] + cryptogram)).encoded
        }
        if let le = command.le { body += TLV(0x97, [UInt8(truncatingIfNeeded: le)]).encoded }
        let message = counter + ISO9797.pad2(header, block: 8) + body
        body += TLV(0x8E, try BorderCipher.mac(keys.mac, message)).encoded
        return APDUCommand(header[0], header[1], header[2], header[3], data: body, le: 256)
    }

    private func unwrap(_ response: APDUResponse) throws(BorderFault) -> APDUResponse {
        guard let objects = TLV.parseAll(response.data), let mac = objects.last, mac.tag == 0x8E else {
            throw .chip("an answer without secure messaging: \(response.status)")
        }
        step()
        let covered = objects.dropLast().flatMap(\.encoded)
        var data = Bytes()
        var status: StatusWord?
        guard ConstantTime.equal(try BorderCipher.mac(keys.mac, counter + covered), mac.value) else {
            throw .chip("the checksum of a protected answer is wrong")
        }
        for object in objects.dropLast() {
            switch object.tag {
            case 0x87 where object.value.first == 1: data = try decrypt(Bytes(object.value.dropFirst()))
            case 0x85: data = try decrypt(object.value)
            case 0x99 where object.value.count == 2:
                status = StatusWord(rawValue: UInt16(object.value[0]) << 8 | UInt16(object.value[1]))
            default: throw .chip("a protected answer holds an unknown object")
            }
        }
        guard let status, status == response.status else {
            throw .chip("the status word outside a protected answer differs from the one inside")
        }
        return APDUResponse(data: data, status: status)
    }

    private func decrypt(_ cryptogram: Bytes) throws(BorderFault) -> Bytes {
        let plain = try BorderCipher.decrypt(keys.enc, cryptogram)
        guard let data = ISO9797.unpad2(plain) else { throw .chip("a cryptogram has no padding") }
        return data
    }
}
