public import Ground

/// One command of the USB side with the data that goes with it (firmware-spec g-printec-xid, C1 to C16).
public struct XIDCommand: Sendable, Equatable {
    public enum Data: Sendable, Equatable {
        case none
        /// So many bytes are expected at most.
        case receive(Int)
        case send(Bytes)
    }

    public let bytes: Bytes
    public let data: Data

    public static let inquiry = XIDCommand(bytes: [0x12, 0, 0, 0, 96, 0], data: .receive(96))
    public static let ready = XIDCommand(bytes: [0, 0, 0, 0, 0, 0], data: .none)
    public static let sense = XIDCommand(bytes: [0x03, 0, 0, 0, 20, 0], data: .receive(20))
    public static let position = XIDCommand(bytes: [0x34] + Bytes(repeating: 0, count: 9), data: .receive(8))
    public static let statusPage = XIDCommand(bytes: [0x4D, 0, 0x79, 0, 0, 0, 0, 0, 76, 0], data: .receive(76))
    public static let counters = XIDCommand(bytes: [0x4D, 0, 0x78, 0, 0, 0, 0, 0, 52, 0], data: .receive(52))
    public static let ink = XIDCommand(bytes: [0x1A, 0, 0x63, 0, 44, 0], data: .receive(44))
    public static let geometry = XIDCommand(bytes: [0x1A, 0, 0x68, 0, 64, 0], data: .receive(64))
    public static let initialise = XIDCommand(bytes: [0x01, 0, 0, 0, 0, 0], data: .none)
    public static let readRetries = XIDCommand(bytes: [0x1A, 0, 0x28, 0, 8, 0], data: .receive(8))

    public static func setRetries(_ count: UInt8) -> XIDCommand {
        XIDCommand(bytes: [0x15, 0, 0, 0, 4, 0], data: .send([0x28, 0x02, 0x01, count]))
    }

    /// C5; fresh film is wound first.
    public static func load(to place: XIDPlace) -> XIDCommand {
        XIDCommand(bytes: [0x31, 0x01, 0, 0, 0x04, 0, 0, place.rawValue, 0, 0], data: .none)
    }

    /// C6.
    public static func move(to place: XIDPlace, turned: Bool = false) -> XIDCommand {
        XIDCommand(bytes: [0x31, 0x0B, 0, 0, turned ? 0x02 : 0, 0, 0, place.rawValue, 0, 0], data: .none)
    }

    /// C7.
    public static func station(_ act: XIDStationAct) -> XIDCommand {
        XIDCommand(bytes: [0x32, act.rawValue] + Bytes(repeating: 0, count: 8), data: .none)
    }

    /// C8.
    public static func write(_ plane: XIDPlane, buffer: UInt8, _ dots: Bytes) -> XIDCommand {
        let length = BigEndian.bytes(UInt32(dots.count))[1...]
        return XIDCommand(bytes: [0x2A, 0, plane.rawValue, buffer, 0, 0] + length + [0], data: .send(dots))
    }

    /// C9.
    public static func print(_ planes: Set<XIDPlane>, buffer: UInt8) -> XIDCommand {
        XIDCommand(bytes: [0x31, 0x08, XIDPlane.printMask(planes), 0, buffer, 0, 0, 0, 0, 0], data: .none)
    }

    /// C10.
    public static func transfer(_ then: XIDTransfer) -> XIDCommand {
        XIDCommand(bytes: [0x31, then.rawValue] + Bytes(repeating: 0, count: 8), data: .none)
    }
}

/// M1.
public enum XIDPlace: UInt8, Sendable, CaseIterable {
    case print = 0
    case contact = 1
    case contactless = 2
    case magnetic = 3
    case reject = 4
    case good = 5
}

/// C7.
public enum XIDStationAct: UInt8, Sendable, CaseIterable {
    case engageContact = 0
    case releaseContact = 1
    case engageContactless = 4
    case releaseContactless = 5
}

/// C10.
public enum XIDTransfer: UInt8, Sendable, CaseIterable {
    case thenEject = 0x09
    case thenTurn = 0x0A
    case thenReturn = 0x0D
}

/// P2: raw values over USB; sent in the order of the cases.
public enum XIDPlane: UInt8, Sendable, CaseIterable {
    case cyan = 3
    case magenta = 2
    case yellow = 1
    case black = 4
    case peelOff = 6
    case fluorescent = 7

    static let colours: Set<XIDPlane> = [.cyan, .magenta, .yellow]

    /// C9.
    static func printMask(_ planes: Set<XIDPlane>) -> UInt8 {
        var mask: UInt8 = planes.isDisjoint(with: colours) ? 0 : 0x02
        if planes.contains(.black) { mask |= 0x04 }
        if planes.contains(.fluorescent) { mask |= 0x08 }
        if planes.contains(.peelOff) { mask |= 0x10 }
        return mask
    }

    /// N5.
    var networkBit: UInt8 { 1 << (rawValue - 1) }
}
