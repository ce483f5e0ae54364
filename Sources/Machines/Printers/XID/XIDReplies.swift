public import Ground
public import Stations

/// Key and code of a sense (C3), or of a status word of the network twin (N7).
public struct XIDSense: Sendable, Hashable, CustomStringConvertible {
    public let key: UInt8
    public let code: UInt8

    public init(key: UInt8, code: UInt8) {
        self.key = key
        self.code = code
    }

    public static let good = XIDSense(key: 0, code: 0)
    public static let wasReset = XIDSense(key: 6, code: 0x28)
    public static let noCards = XIDSense(key: 2, code: 0xD0)

    /// As the firmware spec writes it, for example `3/B2`.
    public var description: String { "\(key)/\([code].hex)" }
}

/// Pages of the printer, read strictly: nil when a page is not what the firmware spec says.
public enum XIDReplies {
    /// C1.
    public static func inquiry(_ page: Bytes) -> (model: String, firmware: String, serial: String)? {
        guard page.count >= 48, let model = text(page[16..<32]), let firmware = text(page[32..<36]),
            let serial = text(page[36..<48]), !serial.isEmpty
        else { return nil }
        return (model, firmware, serial)
    }

    /// C3.
    public static func sense(_ page: Bytes) -> XIDSense? {
        guard page.count >= 14, page[0] & 0x7F == 0x70 else { return nil }
        return XIDSense(key: page[2] & 0x0F, code: page[12])
    }

    /// C4, M1, M3.
    public static func position(_ page: Bytes) -> CardPosition? {
        guard page.count == 8 else { return nil }
        if page[0] == 0x04 { return CardPosition.none }
        guard page[0] == 0 else { return nil }
        return place(page[7])
    }

    /// N8.
    public static func networkPosition(_ word: Bytes) -> CardPosition? {
        guard word.count >= 4 else { return nil }
        return word[2] != 0 ? CardPosition.none : place(word[3])
    }

    private static func place(_ value: UInt8) -> CardPosition? {
        switch value {
        case XIDPlace.print.rawValue: .at(.print)
        case XIDPlace.contact.rawValue: .at(.contact)
        case XIDPlace.contactless.rawValue: .at(.contactless)
        case XIDPlace.magnetic.rawValue, XIDPlace.reject.rawValue, XIDPlace.good.rawValue, 0xFF: .somewhere
        default: nil
        }
    }

    /// C11: what parameter 3 says.
    public static func status(_ page: Bytes) -> XIDSense? {
        guard let value = parameters(page, page: 0x39)?[3], value.count == 4 else { return nil }
        switch value[0] {
        case 0x00: return .good
        case 0x07: return XIDSense(key: 2, code: 0xDA)
        case 0xFF: return XIDSense(key: value[1], code: value[2])
        default: return nil
        }
    }

    /// C12.
    public static func counters(_ page: Bytes) -> XIDCounters? {
        guard let parameters = parameters(page, page: 0x38) else { return nil }
        var numbers: [Int] = []
        for index in 0...4 {
            guard let value = parameters[index], value.count == 4, let number = BigEndian.unsigned(value) else {
                return nil
            }
            numbers.append(Int(number))
        }
        return XIDCounters(
            total: numbers[0], free: numbers[1], head: numbers[2], cleaning: numbers[3], error: numbers[4])
    }

    /// Number and value of the parameters of a log page.
    private static func parameters(_ bytes: Bytes, page: UInt8) -> [Int: Bytes]? {
        var reader = ByteReader(bytes)
        guard reader.byte() == page, reader.byte() == 0, let length = reader.unsigned(2),
            Int(length) == bytes.count - 4
        else { return nil }
        var found: [Int: Bytes] = [:]
        while let number = reader.unsigned(2), reader.byte() != nil, let count = reader.byte() {
            // behind the last parameter the page is filled up with zeros
            if count == 0 { break }
            guard let value = reader.read(Int(count)) else { return nil }
            found[Int(number)] = value
        }
        return found
    }

    /// C13.
    public static func ink(_ page: Bytes) -> XIDInk? {
        guard page.count == 44, page[4] == 0x23, let lot = text(page[12..<28]) else { return nil }
        return XIDInk(
            type: page[6], left: Int(page[8]) << 8 | Int(page[9]), full: Int(page[10]) << 8 | Int(page[11]), lot: lot)
    }

    /// C14: width and height of a plane.
    public static func plane(_ page: Bytes) -> (width: Int, height: Int)? {
        guard page.count == 64, page[4] == 0x28 else { return nil }
        return (Int(page[14]) << 8 | Int(page[15]), Int(page[16]) << 8 | Int(page[17]))
    }

    /// C16, N9: the value of setting 28.
    public static func retries(_ group: some Collection<UInt8>) -> UInt8? {
        let group = Bytes(group)
        guard group.count == 4, group[0] == 0x28, group[1] == 2, group[2] == 1 else { return nil }
        return group[3]
    }

    static func text(_ bytes: ArraySlice<UInt8>) -> String? {
        let shown = bytes.prefix { $0 != 0 }
        guard shown.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
        var text = String(decoding: shown, as: UTF8.self)
        while text.hasSuffix(" ") { text.removeLast() }
        return text
    }
}

/// C12.
public struct XIDCounters: Sendable, Hashable {
    public let total: Int
    public let free: Int
    public let head: Int
    public let cleaning: Int
    public let error: Int
}

/// C13.
public struct XIDInk: Sendable, Hashable {
    public let type: UInt8
    public let left: Int
    public let full: Int
    public let lot: String
}
