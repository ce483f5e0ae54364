import Reporting

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
