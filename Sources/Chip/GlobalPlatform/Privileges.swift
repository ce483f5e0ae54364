public import Ground

/// Application privileges, GPCS 2.3.1 tables 11-7 to 11-9, three bytes in one number.
public struct Privileges: OptionSet, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// One byte or three.
    public init?(bytes: Bytes) {
        guard bytes.count == 1 || bytes.count == 3 else { return nil }
        rawValue = (bytes + [0, 0]).prefix(3).reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static let table: [(name: String, bit: UInt32)] = [
        ("SecurityDomain", 0x80_0000), ("DAPVerification", 0x40_0000), ("DelegatedManagement", 0x20_0000),
        ("CardLock", 0x10_0000), ("CardTerminate", 0x08_0000), ("CardReset", 0x04_0000),
        ("CVMManagement", 0x02_0000), ("MandatedDAPVerification", 0x01_0000), ("TrustedPath", 0x8000),
        ("AuthorizedManagement", 0x4000), ("TokenVerification", 0x2000), ("GlobalDelete", 0x1000),
        ("GlobalLock", 0x0800), ("GlobalRegistry", 0x0400), ("FinalApplication", 0x0200), ("GlobalService", 0x0100),
        ("ReceiptGeneration", 0x80), ("CipheredLoadFileDataBlock", 0x40), ("ContactlessActivation", 0x20),
        ("ContactlessSelfActivation", 0x10),
    ]

    /// From the standard's names; nil when one is unknown.
    public init?(names: [String]) {
        var value: UInt32 = 0
        for name in names {
            guard let known = Privileges.table.first(where: { $0.name.lowercased() == name.lowercased() }) else {
                return nil
            }
            value |= known.bit
        }
        rawValue = value
    }

    /// One byte where the first says all, else three.
    public var encoded: Bytes {
        let all = Bytes(BigEndian.bytes(rawValue).suffix(3))
        return all[1] == 0 && all[2] == 0 ? [all[0]] : all
    }

    /// All names there are.
    public static var allNames: [String] { table.map(\.name) }

    /// The standard's names, in alphabetical order.
    public var names: [String] { Privileges.table.filter { rawValue & $0.bit != 0 }.map(\.name).sorted() }
}
