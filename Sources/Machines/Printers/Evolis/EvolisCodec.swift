public import Ground
public import Stations

/// What the printer answered (firmware-spec F2, E1 to E10).
public enum EvolisAnswer: Sendable, Equatable {
    case ok
    case value(String)
    case fault(EvolisFault)
}

/// A refusal in an answer.
public enum EvolisFault: String, Sendable, CaseIterable {
    case unknownCommand = "ERROR CDE"
    case parameters = "ERR PARAMETERS"
    case feeder = "ERR FEEDER"
    case noRibbon = "ERR RIB DETECTION"
    case ribbonEnd = "ERR RIB END"
    case cover = "ERR COVER"
    case mechanical = "ERR MECHANICAL"
    case cleaning = "ERR NEED CLEANING"
    case card = "ERR CARD"
    case outputFull = "ERR OUTPUT FULL"
    case rejectFull = "ERR REJECT FULL"
}

/// Bytes of the language, pure: commands out, answers in.
public enum EvolisCodec {
    private static let escape: UInt8 = 0x1B
    private static let carriageReturn: UInt8 = 0x0D

    /// `ESC name;parameter;... CR` (F1).
    public static func command(_ name: String, _ parameters: String...) -> Bytes {
        let text = ([name] + parameters).joined(separator: ";")
        return [escape] + Bytes(text.utf8) + [carriageReturn]
    }

    /// `ESC Db;panel;levels;data CR` (P2).
    public static func download(_ panel: Panel, levels: Int, data: Bytes) -> Bytes {
        [escape] + Bytes("Db;\(panel.rawValue);\(levels);".utf8) + data + [carriageReturn]
    }

    /// One answer without its NUL. Text that starts as an error and is none that is known is nil: a safe stop.
    public static func answer(_ bytes: Bytes) -> EvolisAnswer? {
        guard let text = String(validating: bytes, as: UTF8.self),
            text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }), !text.isEmpty
        else { return nil }
        if text == "OK" { return .ok }
        if let fault = EvolisFault(rawValue: text) { return .fault(fault) }
        if text.hasPrefix("ERR") { return nil }
        return .value(text)
    }

    /// A reading such as `5,00 Volts` (S1; decimal comma).
    public static func volts(_ text: String) -> Double? {
        guard text.hasSuffix(" Volts") else { return nil }
        return Double(text.dropLast(6).replacing(",", with: "."))
    }

    /// Where the card is (M6); nil for a word that is not known.
    public static func position(_ answer: EvolisAnswer) -> CardPosition? {
        switch answer {
        case .ok: CardPosition.none
        case .value("CARD"): .at(.print)
        case .value("SMART CARD"): .at(.contact)
        case .value("CONTACTLESS CARD"): .at(.contactless)
        case .fault(.mechanical): .somewhere
        default: nil
        }
    }
}
