/// The language of a report on paper. Codes, ids and times stay as they are in the books.
public enum ReportLanguage: String, Sendable, CaseIterable {
    case english = "en"
    case arabic = "ar"
    case sorani = "ckb"

    var isRightToLeft: Bool { self != .english }
    /// Between the members of a list.
    var comma: String { self == .english ? ", " : "، " }

    /// The word on paper; a word that is not in the list (an id, a code) stays.
    func callAsFunction(_ english: String) -> String {
        switch self {
        case .english: english
        case .arabic: ReportLanguage.arabicWords[english] ?? english
        case .sorani: ReportLanguage.soraniWords[english] ?? english
        }
    }

    func callAsFunction(_ rows: [[String]]) -> [[String]] { rows.map { $0.map { self($0) } } }

    /// A Latin value inside a sentence: its own direction does not move its neighbours.
    func value(_ text: String) -> String { isRightToLeft ? "\u{2066}\(text)\u{2069}" : text }

    func span(from: String?, to: String?) -> String {
        let words = [from.map { "\(self("from")) \(value($0))" }, to.map { "\(self("to")) \(value($0))" }]
            .compactMap { $0 }.joined(separator: " ")
        return words.isEmpty ? self("all times") : words
    }

    static let arabicWords: [String: String] = [
        "Production": "الإنتاج", "Overall equipment effectiveness": "الفعالية الكلية للمعدات", "Ageing": "مدة الانتظار",
        "Batch report": "تقرير الوجبة", "Ratios": "النسب", "States of SEMI E10": "حالات الماكنة حسب SEMI E10",
        "Target against actual": "المخطط والمنجز", "Oldest first": "الأقدم أولاً",
        "Deadlines": "المواعيد النهائية", "to be made until": "تُنجز حتى", "overdue": "متأخرة", "page": "صفحة",
        "from": "من",
        "to": "إلى", "at": "في", "all times": "كل الأوقات", "all": "المجموع", "(none)": "(بدون)", "records": "سجلات",
        "waiting": "بالانتظار", "in work": "قيد العمل", "good": "سليمة", "held": "محجوزة", "withdrawn": "مسحوبة",
        "unknown": "غير معروفة", "remade": "أعيد صنعها", "rejected": "مرفوضة", "batch": "الوجبة", "line": "الخط",
        "cell": "الخلية", "office": "المكتب", "governorate": "المحافظة", "product": "المنتج", "class": "الأولوية",
        "stock": "نوع البطاقة", "shift": "المناوبة", "plant": "المعمل", "OEE": "الفعالية",
        "availability": "التوفر",
        "effectiveness": "الأداء", "quality": "الجودة", "first pass": "سليمة من أول مرة", "scrap": "تالف",
        "rework": "إعادة عمل", "PQ": "الكمية المستعملة", "GQ": "الكمية السليمة", "minutes": "دقائق",
        "productive": "إنتاج", "standby": "استعداد", "engineering": "هندسة", "scheduled down": "توقف مخطط",
        "unscheduled down": "توقف غير مخطط", "non scheduled": "خارج الجدول", "hour": "الساعة", "target": "المخطط",
        "blanks": "بطاقات خام", "hours from approval": "ساعات منذ الموافقة", "longest": "الأطول",
        "not finished": "غير منجزة", "finished": "منجزة", "oldest": "الأقدم", "request": "الطلب", "state": "الحالة",
        "hours": "ساعات", "started": "البداية", "ended": "النهاية", "blanks spoiled": "بطاقات تالفة",
        "Blanks used": "البطاقات المستعملة", "spoiled": "تالفة", "priority": "الأولوية", "attempt": "المحاولة",
        "produced": "منجزة", "queued": "بالانتظار", "claimed": "قيد العمل", "destroyed": "متلفة", "vault": "المخزن",
        "quarantine": "الحجر", "missing": "مفقودة", "blank": "بطاقة خام",
        "Cards found inside after a crash": "بطاقات وُجدت داخل الماكنة بعد الانقطاع", "cards": "بطاقات",
        "continued": "أُكملت", "for a person": "تنتظر موظفاً", "share continued": "نسبة ما أُكمل",
        "packed": "معبأة", "dispatched": "مرسلة", "delivered": "مسلَّمة", "returned": "مرتجعة", "lost": "ضائعة",
        "chip death": "إتلاف الشريحة", "confirmed": "مؤكد", "unconfirmed": "غير مؤكد", "dead": "ميتة",
        "normal": "عادي", "urgent": "مستعجل", "bound": "رُبطت ببطاقة", "encoded": "كُتبت شريحتها",
        "verified": "قُرئت شريحتها", "printed": "طُبعت", "passed": "فُحصت", "sample": "عيّنة",
        "Shift report": "تقرير المناوبة", "value": "القيمة", "opened": "فُتحت", "closed": "أُغلقت",
        "Incident": "الحادثة", "with": "من عنده", "place": "المكان", "Signatures": "التواقيع",
        "samples": "عيّنات", "setup": "للضبط", "carried out": "سُلّمت للتالية", "carried in": "من السابقة",
        "taken": "أُخذت من المخزن", "count": "العدد", "Batch": "الوجبة", "received": "وصلت",
        "of the good": "من السليمة", "blanks used": "البطاقات المستعملة", "card": "البطاقة",
    ]
}
