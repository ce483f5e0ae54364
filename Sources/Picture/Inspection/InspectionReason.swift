/// Why a card is rejected: the published codes with what an inspector reads.
public enum InspectionReason: String, Sendable, Hashable, CaseIterable {
    case mrzCharacter = "mrz.character"
    case mrzUnreadable = "mrz.unreadable"
    case qrContent = "qr.content"
    case qrUnreadable = "qr.unreadable"
    case portraitDiffers = "portrait.differs"
    case fieldMissing = "field.missing"
    case fieldDiffers = "field.differs"
    case panelMissing = "panel.missing"
    case printBlank = "print.blank"
    case printRegistration = "print.registration"
    case printBlemish = "print.blemish"
    case printColour = "print.colour"
    case cardOrientation = "card.orientation"

    public struct Label: Sendable, Hashable {
        public let arabic: String
        public let sorani: String
        public let english: String
    }

    public var code: String { rawValue }

    public var label: Label {
        switch self {
        case .mrzCharacter:
            Label(
                arabic: "حرف خاطئ في المنطقة المقروءة آلياً", sorani: "پیتێکی هەڵە لە ناوچەی خوێندنەوەی ئامێردا",
                english: "Wrong character in the machine readable zone")
        case .mrzUnreadable:
            Label(
                arabic: "المنطقة المقروءة آلياً غير واضحة", sorani: "ناوچەی خوێندنەوەی ئامێر ناخوێندرێتەوە",
                english: "Machine readable zone unclear")
        case .qrContent:
            Label(
                arabic: "محتوى رمز الاستجابة لا يطابق السجل", sorani: "ناوەڕۆکی کۆدی QR لەگەڵ تۆمار ناگونجێت",
                english: "QR code says something else")
        case .qrUnreadable:
            Label(
                arabic: "رمز الاستجابة غير مقروء", sorani: "کۆدی QR ناخوێندرێتەوە", english: "QR code unreadable")
        case .portraitDiffers:
            Label(
                arabic: "الصورة لا تطابق الصورة المعتمدة", sorani: "وێنەکە لەگەڵ وێنەی پەسەندکراو ناگونجێت",
                english: "Portrait differs from the approved one")
        case .fieldMissing:
            Label(arabic: "حقل غير مطبوع", sorani: "خانەیەک چاپ نەکراوە", english: "Field not printed")
        case .fieldDiffers:
            Label(
                arabic: "حقل لا يطابق السجل", sorani: "خانەیەک لەگەڵ تۆمار ناگونجێت",
                english: "Field differs")
        case .panelMissing:
            Label(arabic: "طبقة لون مفقودة", sorani: "چینێکی ڕەنگ نییە", english: "Ink panel missing")
        case .printBlank:
            Label(arabic: "البطاقة غير مطبوعة", sorani: "کارتەکە چاپ نەکراوە", english: "Card not printed")
        case .printRegistration:
            Label(
                arabic: "الطباعة منزاحة عن مكانها", sorani: "چاپەکە لە شوێنی خۆی لایداوە",
                english: "Print out of place")
        case .printBlemish:
            Label(
                arabic: "عيب أو بقعة في الطباعة", sorani: "کەموکوڕی یان پەڵە لە چاپدا",
                english: "Blemish in the print")
        case .printColour:
            Label(
                arabic: "كثافة اللون خارج الحدود", sorani: "چڕیی ڕەنگ لە سنوور دەرچووە",
                english: "Colour out of limits")
        case .cardOrientation:
            Label(
                arabic: "البطاقة مقلوبة أو الوجه خاطئ", sorani: "کارتەکە هەڵگەڕاوەتەوە یان ڕووەکەی هەڵەیە",
                english: "Card turned, or the other side")
        }
    }
}
