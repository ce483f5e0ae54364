public import Ground
public import Stations

/// A question that is answered with its own key (firmware-spec Q1 to Q9).
public enum MagicardKey: String, Sendable, Hashable, CaseIterable {
    case serial = "MSR"
    case firmware = "VRS"
    case product = "PID"
    case cards = "TCQ"
    case panels = "TPQ"
    case headPrints = "TCP"
    case panelsLeft = "DFR"
    case cleanings = "TCN"
    case cardsSinceCleaning = "CCQ"
    case panelsSinceCleaning = "CPQ"
    case cleaningInterval = "CCP"
    case cleaningDue = "CRQ"
    case ramp = "FSS"
}

/// What moves a card, or may (M1 to M8).
public enum MagicardOrder: String, Sendable, Hashable, CaseIterable {
    case feed = "FEED0,"
    case chipDown = "CHPDOWN,"
    case chipUp = "CHPUP,"
    case flip = "FLIP,"
    case eject = "EJT,"
    case reject = "REJ,"
    case clean = "CLN,"
    case reset = "RST,"
}

/// One side of a card as a job (P1 to P12).
public struct MagicardPage: Sendable, Equatable {
    /// 1 front, 2 back.
    public var number: Int
    /// A back follows, so the card is turned over behind this page.
    public var isFollowed: Bool
    public var ribbon: String
    /// Planes by panel; overcoat is none.
    public var planes: [Panel: Bytes]
    public var hasOvercoat: Bool
    /// Hole in the overcoat in dots of the lying picture; the second corner is outside.
    public var hole: MagicardHole?
    public var rows: Int

    public init(
        number: Int, isFollowed: Bool, ribbon: String, planes: [Panel: Bytes], hasOvercoat: Bool, hole: MagicardHole?,
        rows: Int
    ) {
        self.number = number
        self.isFollowed = isFollowed
        self.ribbon = ribbon
        self.planes = planes
        self.hasOvercoat = hasOvercoat
        self.hole = hole
        self.rows = rows
    }
}

public struct MagicardHole: Sendable, Hashable {
    public let left: Int
    public let top: Int
    public let right: Int
    public let bottom: Int
    public init(left: Int, top: Int, right: Int, bottom: Int) {
        self.left = left
        self.top = top
        self.right = right
        self.bottom = bottom
    }
}

/// Bytes of the language, pure: orders, questions and jobs out, answers in.
public enum MagicardCodec {
    /// F1.
    static func frame(_ text: String) -> Bytes {
        Bytes(repeating: 0x05, count: 9) + [0x01] + Bytes(text.utf8) + [0x1C, 0x03]
    }

    public static func question(_ key: MagicardKey) -> Bytes { frame("REQ,STA,\(key.rawValue),") }
    public static func order(_ order: MagicardOrder) -> Bytes { frame(order.rawValue) }
    /// I1, I2: what a reset forgets.
    public static let mark = 51
    public static var setMark: Bytes { frame("RAMP\(mark),") }
    /// F3: sensor line `number`, from 1.
    public static func sensor(_ number: Int) -> Bytes { frame("SNR\(number)") }

    /// The value in the answer to this very question (F2); nil for anything else.
    public static func value(_ answer: Bytes, of key: MagicardKey) -> String? {
        let head: Bytes = [0x01] + Bytes("STA,\(key.rawValue)".utf8)
        guard answer.count >= head.count + 2, answer.starts(with: head), answer.suffix(2) == [0x2C, 0x03] else {
            return nil
        }
        return text(answer[head.count..<(answer.count - 2)])
    }

    /// A line of a list (F3); nil when it is none, such as the answer to another question.
    public static func line(_ answer: Bytes) -> String? {
        guard !answer.isEmpty, answer.count <= 64 else { return nil }
        return text(answer[...])
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String? {
        guard bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `LC` of a ribbon (P7); nil for one that the family does not have.
    public static func ribbonCode(_ ribbon: String) -> String? {
        switch ribbon {
        case "ymcko": "LC1"
        case "k": "LC3"
        case "ko": "LC6"
        case "ymckok": "LC8"
        default: nil
        }
    }

    /// Panels of a ribbon for front and back.
    public static func sides(of ribbon: String) -> (front: Set<Panel>, back: Set<Panel>) {
        let panels = ribbon.compactMap { Panel(rawValue: String($0)) }
        let last = panels.firstIndex(of: .overlay) ?? panels.count - 1
        return (Set(panels.prefix(last + 1)), Set(panels.dropFirst(last + 1)))
    }

    private static let letters: [(panel: Panel, letter: Character)] = [
        (.yellow, "B"), (.magenta, "G"), (.cyan, "R"), (.black, "K"),
    ]

    /// A job without its last byte: nothing is printed of it (P13). Nil for a ribbon that the family does not have.
    public static func job(_ page: MagicardPage) -> Bytes? {
        guard let code = ribbonCode(page.ribbon) else { return nil }
        let planes = letters.compactMap { panel, letter in page.planes[panel].map { (letter, $0) } }
        var fields = ["NOC1", code, "PAG\(page.number)", page.isFollowed || page.number == 2 ? "DPXON" : "DPXOFF"]
        if page.number == 2 { fields.append("BACK") }
        fields.append(page.hasOvercoat ? "OVRON" : "OVROFF")
        if let hole = page.hole { fields.append("NCT\(hole.left),\(hole.top),\(hole.right),\(hole.bottom)") }
        fields += ["ESS1", "REJOFF", "EJTOFF", "HGT\(page.rows)", "WID642"]
        fields.append("IMF" + String(planes.map(\.0)))
        fields += planes.map { "SZ\($0.0)\($0.1.count)" }
        var job = Bytes(repeating: 0x05, count: 64) + [0x01]
        for field in fields { job += Bytes(",\(field)".utf8) }
        job.append(0x1C)
        for (letter, plane) in planes {
            job += plane
            job += [0x1C] + Bytes(String(letter).utf8) + [0x3A]
        }
        return job
    }

    /// P1, P13: with it a job is whole.
    public static let end: Bytes = [0x03]
}
