import Ground

/// One regular file of a tar.
struct TarMember {
    let name: String
    let bytes: Bytes
}

/// Why a tar cannot be read.
struct TarFailure: Error {
    let code: SakkError.Code
    let reason: String
}

/// POSIX.1-1988 ustar, as far as a batch needs it: regular files with plain names, in one folder.
enum Tar {
    private static let block = 512

    /// Reads all members. Links, folders, devices and extended headers are refused, as are names with a path.
    static func read(_ bytes: Bytes, maxMembers: Int, maxMemberBytes: Int) throws(TarFailure) -> [TarMember] {
        guard looksLikeTar(bytes) else { throw TarFailure(code: "batch.not_tar", reason: "this is not a ustar file") }
        var members: [TarMember] = []
        var at = 0
        while true {
            guard at + block <= bytes.count else {
                throw TarFailure(code: "batch.truncated", reason: "the tar ends without its end mark")
            }
            let header = bytes[at..<(at + block)]
            if header.allSatisfy({ $0 == 0 }) {
                guard bytes[at...].allSatisfy({ $0 == 0 }) else {
                    throw TarFailure(code: "batch.trailing", reason: "data follows the end mark of the tar")
                }
                guard bytes.count - at >= 2 * block else {
                    throw TarFailure(code: "batch.truncated", reason: "the end mark of the tar is cut off")
                }
                return members
            }
            let member = try entry(Array(header), number: members.count + 1)
            at += block
            guard member.size <= maxMemberBytes else {
                throw TarFailure(
                    code: "batch.too_large", reason: "member \(members.count + 1) has more than \(maxMemberBytes) bytes"
                )
            }
            guard at + member.size <= bytes.count else {
                throw TarFailure(code: "batch.truncated", reason: "member \(members.count + 1) is cut off")
            }
            guard members.count < maxMembers else {
                throw TarFailure(code: "batch.too_large", reason: "more than \(maxMembers) members")
            }
            members.append(TarMember(name: member.name, bytes: Array(bytes[at..<(at + member.size)])))
            at += (member.size + block - 1) / block * block
        }
    }

    static func looksLikeTar(_ bytes: Bytes) -> Bool {
        bytes.count >= block && bytes[257..<262].elementsEqual("ustar".utf8)
    }

    /// Equal members give equal bytes: owner 0, mode 0644, the time given.
    static func write(_ members: [TarMember], modified: WallTime) -> Bytes {
        var bytes = Bytes()
        for member in members {
            bytes += header(member, seconds: modified.microseconds / 1_000_000)
            bytes += member.bytes
            bytes += Bytes(repeating: 0, count: (block - member.bytes.count % block) % block)
        }
        return bytes + Bytes(repeating: 0, count: 2 * block)
    }

    private static func entry(_ header: Bytes, number: Int) throws(TarFailure) -> (name: String, size: Int) {
        let broken = TarFailure(code: "batch.corrupt", reason: "the header of member \(number) is damaged")
        guard header[257..<262].elementsEqual("ustar".utf8), let sum = octal(header[148..<156]) else { throw broken }
        var actual = 0
        for (index, byte) in header.enumerated() { actual += (148..<156).contains(index) ? 0x20 : Int(byte) }
        guard sum == actual, let size = octal(header[124..<136]) else { throw broken }
        guard header[156] == UInt8(ascii: "0") || header[156] == 0 else {
            throw TarFailure(code: "batch.name.unsafe", reason: "member \(number) is not a regular file")
        }
        let name = header[0..<100].prefix { $0 != 0 }
        guard header[345] == 0, isPlain(name) else {
            throw TarFailure(
                code: "batch.name.unsafe", reason: "the name of member \(number) is not a plain file name")
        }
        return (String(decoding: name, as: UTF8.self), size)
    }

    /// Letters, digits, `.`, `-`, `_`; at most 64; does not begin with a dot.
    static func isPlain(_ name: some Collection<UInt8>) -> Bool {
        guard !name.isEmpty, name.count <= 64, name.first != UInt8(ascii: ".") else { return false }
        return name.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_")].contains(byte)
        }
    }

    private static func octal(_ field: ArraySlice<UInt8>) -> Int? {
        let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
        guard !digits.isEmpty, digits.count <= 11 else { return nil }
        return Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }

    private static func header(_ member: TarMember, seconds: Int64) -> Bytes {
        var header = Bytes(repeating: 0, count: block)
        func put(_ text: some Collection<UInt8>, at start: Int) {
            header.replaceSubrange(start..<(start + text.count), with: text)
        }
        func octal(_ value: Int64, width: Int) -> Bytes {
            let digits = Array(String(value, radix: 8).utf8)
            return Bytes(repeating: 0x30, count: width - digits.count) + digits
        }
        put(Array(member.name.utf8), at: 0)
        put(octal(0o644, width: 7), at: 100)
        put(octal(0, width: 7), at: 108)
        put(octal(0, width: 7), at: 116)
        put(octal(Int64(member.bytes.count), width: 11), at: 124)
        put(octal(seconds, width: 11), at: 136)
        put(Bytes(repeating: 0x20, count: 8), at: 148)
        put([UInt8(ascii: "0")], at: 156)
        put(Array("ustar".utf8), at: 257)
        put(Array("00".utf8), at: 263)
        let sum = header.reduce(Int64(0)) { $0 + Int64($1) }
        put(octal(sum, width: 6) + [0, 0x20], at: 148)
        return header
    }
}
