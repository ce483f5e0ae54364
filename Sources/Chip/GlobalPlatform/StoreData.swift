public import Ground
import OpenSSLCrypto
public import SmartCard

/// STORE DATA, GPCS 2.3.1 11.11: blocks numbered from 00, bit 8 of P1 in the last one.
public enum StoreData {
    /// P1, table 11-89.
    public static let dgiFormat: UInt8 = 0x08
    public static let tlvFormat: UInt8 = 0x10
    public static let encrypted: UInt8 = 0x60
    public static let expectsResponse: UInt8 = 0x01

    /// One data grouping: identifier and value, to be encrypted under the data encryption key or not.
    public struct Grouping: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
        public let identifier: UInt16
        public let value: Bytes
        public let isEncrypted: Bool

        public init(_ identifier: UInt16, _ value: Bytes, isEncrypted: Bool = false) {
            self.identifier = identifier
            self.value = value
            self.isEncrypted = isEncrypted
        }

        /// Identifier, length (one byte, or FF and two) and value.
        func encoded(_ value: Bytes) -> Bytes {
            let length = value.count < 0xFF ? [UInt8(value.count)] : [0xFF] + BigEndian.bytes(UInt16(value.count))
            return BigEndian.bytes(identifier) + length + value
        }

        public var description: String { "DGI \(Hex.digits(of: BigEndian.bytes(identifier))), \(value.count) bytes" }
        public var customMirror: Mirror { Mirror(self, children: []) }
    }

    /// How the value of an encrypted grouping becomes whole blocks.
    public enum Padding: String, Sendable, CaseIterable {
        /// 80 and zeros, always (EMV CPS).
        case iso9797
        /// Nothing is added: the value is whole blocks already, as a key is.
        case none
        /// Zeros where they are needed (GPCS 11.11.4: arbitrary bytes).
        case zeros
    }

    public static func commands(p1: UInt8, blocks: [Bytes]) -> [APDUCommand] {
        blocks.enumerated().map { index, block in
            APDUCommand(0x80, 0xE2, index == blocks.count - 1 ? p1 | 0x80 : p1 & 0x7F, UInt8(index & 0xFF), data: block)
        }
    }

    /// Data of no known structure, cut into blocks.
    public static func raw(_ data: Bytes, p1: UInt8 = 0, blockSize: Int) -> [APDUCommand] {
        commands(p1: p1, blocks: split(data, blockSize))
    }

    /// A list of groupings, one after another; a long one goes on in the next command. P1 says of each command whether its
    /// grouping is encrypted, so plain and encrypted ones never share a command.
    public static func groupings(
        _ list: [Grouping], padding: Padding = .iso9797, through channel: SecureChannel, blockSize: Int
    ) throws(SakkError) -> [APDUCommand] {
        var commands: [APDUCommand] = []
        for grouping in list {
            let value = grouping.isEncrypted ? try sealed(grouping, padding, channel) : grouping.value
            let p1 = grouping.isEncrypted ? dgiFormat | encrypted : dgiFormat
            commands += split(grouping.encoded(value), blockSize).map { APDUCommand(0x80, 0xE2, p1, 0, data: $0) }
        }
        for index in commands.indices {
            commands[index].p2 = UInt8(index & 0xFF)
            if index == commands.count - 1 { commands[index].p1 |= 0x80 }
        }
        return commands
    }

    private static func sealed(
        _ grouping: Grouping, _ padding: Padding, _ channel: SecureChannel
    ) throws(SakkError) -> Bytes {
        let block = channel.sensitiveBlock
        var plain: Bytes
        switch padding {
        case .iso9797: plain = ISO9797.pad2(grouping.value, block: block)
        case .zeros:
            plain = grouping.value + Bytes(repeating: 0, count: (block - grouping.value.count % block) % block)
        case .none:
            plain = grouping.value
            guard plain.count % block == 0 else {
                throw SakkError(
                    "chip.dgi.blocks", source: "chip", subject: grouping.description,
                    text: "The grouping is not a whole number of \(block)-byte blocks and no padding was asked for.",
                    remedy: "Choose a padding, or fill the value.")
            }
        }
        defer { plain.wipe() }
        return try channel.sealSensitive(plain)
    }

    private static func split(_ data: Bytes, _ size: Int) -> [Bytes] {
        guard !data.isEmpty else { return [[]] }
        return stride(from: 0, to: data.count, by: size).map { Bytes(data[$0..<min(data.count, $0 + size)]) }
    }
}
