import Foundation
public import Ground
public import Reporting

extension ReportLanguage {
    /// The paper of whoever reads the pages in this language.
    init(_ language: Language) {
        self =
            switch language {
            case .ar: .arabic
            case .ckb: .sorani
            case .en: .english
            }
    }
}

extension Catalogue {
    /// The catalogue of the pages, for papers that are made without them. Throws `console.language`.
    public static func own(reasons: [String: [String: String]]) throws(SakkError) -> Catalogue {
        try Catalogue(folder: Console.resources.appendingPathComponent("Resources/languages").path, reasons: reasons)
    }

    /// A batch report in the words of the pages.
    public func batchWords(_ language: Language) -> BatchWords {
        BatchWords(ReportLanguage(language)) { key in
            guard key.hasPrefix("reason.") else { return text(key, language) }
            return reason(String(key.dropFirst(7)), language)
        }
    }
}
