public import Ground

/// What is sent (firmware-spec M, V, E, K). Orders are answered twice, questions once.
public enum IXLACommand: Sendable, Equatable {
    case machineStatus
    case interlocks
    case stacker
    case patterns
    case entities
    case seek(pattern: String)
    case barcode(String)
    case move(from: String, to: String)
    case eject
    /// M8; only with nothing inside.
    case reset
    /// The document that keeps nobody's picture (E12).
    case createIdle
    /// One layout with one image, both of this name; `file` is the image's file.
    case createImage(name: String, file: Bytes)
    /// Moved by so many thousandths of a millimetre.
    case mark(layout: String, x: Int, y: Int)

    /// The name as it is sent; the second answer bears it in other capitals (F6).
    public var name: String {
        switch self {
        case .machineStatus: "machinestatus"
        case .interlocks: "getinterlock"
        case .stacker: "stacker"
        case .patterns: "getpatterns"
        case .entities: "getentities"
        case .seek: "autoposition"
        case .barcode: "barcode"
        case .move: "movepassport"
        case .eject: "eject"
        case .reset: "reset"
        case .createIdle, .createImage: "createdocument"
        case .mark: "marklayout"
        }
    }

    /// Answered a second time when it has ended (F4).
    public var isOrder: Bool {
        switch self {
        case .move, .eject, .reset, .createIdle, .createImage, .mark: true
        default: false
        }
    }
}

/// What an answer says.
public enum IXLAAnswer: Sendable, Equatable {
    /// F3: carried out, or begun, with what was asked.
    case valid(IXLAElement)
    case refused(String)
    /// F4, of the command of that name in small letters.
    case executed(String)
    case failed(String, String)
    case stacker(isEmpty: Bool)
}

/// Bytes of the language, pure: commands out, answers in.
public enum IXLACodec {
    /// Name of layout and entity that are nobody's picture (E12).
    public static let idle = "sakk"

    public static func bytes(_ command: IXLACommand, decimalComma: Bool) -> Bytes {
        func real(_ thousandths: Int) -> String { IXLACodec.real(thousandths, comma: decimalComma) }
        switch command {
        case .machineStatus, .interlocks, .stacker, .patterns, .entities, .eject, .reset: return line(command.name, [])
        case .seek(let pattern): return line(command.name, [("PatternName", pattern)])
        case .barcode(let name): return line(command.name, [("BarcodeName", name)])
        case .move(let source, let destination):
            return line(command.name, [("source", source), ("destination", destination)])
        case .mark(let layout, let x, let y):
            return line(command.name, [("layout", layout), ("XOffset", real(x)), ("YOffset", real(y))])
        case .createIdle:
            let entity = tag(
                "entity",
                [
                    ("Type", "Text"), ("Name", idle), ("Text", idle), ("XPos", "0"), ("YPos", "0"), ("Font", "Arial"),
                    ("CharSize", "20"), ("Color", "000000"),
                ], " />")
            return document(idle, Bytes(entity.utf8))
        case .createImage(let name, let file):
            var entity = Bytes(tag("entity", [("Type", "Image"), ("Name", name)], " Image=\"").utf8)
            Base64.append(file, to: &entity)
            entity += Bytes("\" XPos=\"0\" YPos=\"0\" />".utf8)
            return document(name, entity)
        }
    }

    private static func line(_ name: String, _ attributes: [(String, String)]) -> Bytes {
        Bytes((tag("command", [("name", name)] + attributes, " />") + "\r\n").utf8)
    }

    private static func document(_ layout: String, _ entity: Bytes) -> Bytes {
        let head =
            tag("command", [("name", "createdocument")], ">")
            + tag("layout", [("Name", layout), ("Rotation", "0"), ("XOffset", "0"), ("YOffset", "0")], ">")
        var bytes = Bytes(head.utf8)
        bytes.reserveCapacity(bytes.count + entity.count + 32)
        bytes += entity
        bytes += Bytes("</layout></command>\r\n".utf8)
        return bytes
    }

    private static func tag(_ name: String, _ attributes: [(String, String)], _ end: String) -> String {
        "<" + name + attributes.map { " \($0)=\"\(escape($1))\"" }.joined() + end
    }

    private static func escape(_ text: String) -> String {
        var escaped = ""
        for letter in text {
            switch letter {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(letter)
            }
        }
        return escaped
    }

    /// F11, with three decimals.
    static func real(_ thousandths: Int, comma: Bool) -> String {
        let decimals = String(abs(thousandths) % 1000)
        return (thousandths < 0 ? "-" : "") + "\(abs(thousandths) / 1000)" + (comma ? "," : ".")
            + String(repeating: "0", count: 3 - decimals.count) + decimals
    }

    // MARK: answers

    /// Nil for an element that is none of the published answers.
    public static func answer(_ element: IXLAElement) -> IXLAAnswer? {
        switch element.name {
        case "stacker":
            guard element.attributes.count == 1, let isEmpty = element["empty"].flatMap(truth) else { return nil }
            return .stacker(isEmpty: isEmpty)
        case "command":
            if let executed = element["executed"] {
                guard element["valid"] == nil, let name = element["name"]?.lowercased(), let isDone = truth(executed)
                else { return nil }
                return isDone ? .executed(name) : .failed(name, element["error"] ?? "")
            }
            guard let isValid = element["valid"].flatMap(truth) else { return nil }
            return isValid ? .valid(element) : .refused(element["error"] ?? "")
        default: return nil
        }
    }

    static func truth(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true": true
        case "false": false
        default: nil
        }
    }

    /// A real number in thousandths, with a comma or a point (F11); nil when it is none or larger than a metre.
    static func thousandths(_ text: String) -> Int? {
        var rest = text[...]
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest = rest.dropFirst() }
        let parts = rest.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "." || $0 == "," }
        func digits(_ part: Substring) -> Bool { !part.isEmpty && part.utf8.allSatisfy { (48...57).contains($0) } }
        guard let whole = parts.first, digits(whole), whole.count <= 3, let millimetres = Int(whole) else { return nil }
        var value = millimetres * 1000
        if parts.count == 2 {
            guard digits(parts[1]) else { return nil }
            let decimals = parts[1].prefix(3)
            guard let part = Int(decimals + String(repeating: "0", count: 3 - decimals.count)) else { return nil }
            value += part
        }
        return isNegative ? -value : value
    }

    /// Where a pattern was seen (V1).
    public struct Sight: Sendable, Equatable {
        /// Thousandths of a millimetre.
        public let x: Int
        public let y: Int
        public let percent: Int
    }

    public static func sight(_ element: IXLAElement) -> Sight? {
        guard let x = element["XOffset"].flatMap(thousandths), let y = element["YOffset"].flatMap(thousandths),
            let percent = element["Correlation"].flatMap({ Int($0) }), (0...100).contains(percent)
        else { return nil }
        return Sight(x: x, y: y, percent: percent)
    }

    /// Names parted by semicolons; nil where the attribute is missing.
    public static func list(_ element: IXLAElement, _ attribute: String) -> [String]? {
        element[attribute].map { $0.split(separator: ";").map(String.init) }
    }
}
