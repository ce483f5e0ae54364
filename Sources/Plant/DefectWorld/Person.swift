/// An invented holder: what a document of theirs says, by field.
struct Person: Sendable {
    enum Script: String, Sendable { case latin, arabic, sorani, digits, arabicDigits }

    struct Value: Sendable {
        var text: String
        let script: Script
    }

    var values: [String: Value] = [:]
    var zone: [String] = []
    let face: UInt64

    private static let arabicGiven = [
        "أحمد", "زينب", "حسين", "فاطمة", "عبد الرحمن", "نور الهدى", "ياسر", "بتول", "تغريد", "خالد", "شيماء", "ثامر",
        "جنان",
        "غسان", "قاسم", "يقين", "نبيل", "بشرى",
    ]
    private static let arabicFamily = [
        "الجبوري", "العبيدي", "الخزرجي", "التميمي", "الزبيدي", "الشمري", "البياتي", "القيسي", "الربيعي", "الطائي",
        "الحديثي",
        "النعيمي",
    ]
    private static let soraniGiven = [
        "ئاوێزان", "شێرکۆ", "ڕێبوار", "هەڵگورد", "گوڵاڵە", "ژیان", "چنار", "پەیمان", "ڤیان", "دڵشاد", "کاروان",
        "بێستوون",
    ]
    private static let soraniFamily = [
        "هەورامی", "شارەزووری", "گەرمیانی", "بارزنجی", "پێنجوێنی", "ڕواندزی", "کۆیی", "قەرەداغی",
    ]
    private static let latinGiven = [
        "AHMED", "ZAINAB", "HUSSEIN", "FATIMAH", "ABDULRAHMAN", "SHERKO", "REBWAR", "GULALA", "Yasir", "Nour",
        "Ghassan",
        "Jinan", "VIAN", "DILSHAD", "Qasim", "Batool",
    ]
    private static let latinFamily = [
        "ALJUBOURI", "AL-OBAIDI", "KHAZRAJI", "TAMIMI", "Zubaidi", "HAWRAMI", "BARZINJI", "Alshammari", "BAYATI",
        "QAISI",
    ]
    private static let arabicPlaces = ["بغداد", "البصرة", "الموصل", "النجف", "كربلاء", "الديوانية", "تكريت", "الفلوجة"]
    private static let soraniPlaces = ["هەولێر", "سلێمانی", "دهۆک", "کەرکووک", "هەڵەبجە", "ڕانیە", "چەمچەماڵ"]
    private static let latinPlaces = ["BAGHDAD", "BASRAH", "ERBIL", "SULAYMANIYAH", "MOSUL", "Najaf", "Kirkuk"]

    init(_ dice: inout Dice, isPassport: Bool) {
        face = dice.next()
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let birth = (year: dice.int(1948...2009), month: dice.int(1...12), day: dice.int(1...28))
        let issue = (year: dice.int(2021...2026), month: dice.int(1...12), day: dice.int(1...28))
        let style = dice.int(0...2)
        func date(_ date: (year: Int, month: Int, day: Int), plus: Int = 0) -> String {
            let (year, month, day) = ("\(date.year + plus)", two(date.month), two(date.day))
            return style == 0
                ? "\(year)-\(month)-\(day)" : style == 1 ? "\(day)/\(month)/\(year)" : "\(day).\(month).\(year)"
        }
        let isWoman = dice.chance(0.5)
        let number = String(dice.pick(Array("ABCDEGHKLNPRUVXYZ"))) + (0..<8).map { _ in "\(dice.int(0...9))" }.joined()
        let national = (0..<12).map { _ in "\(dice.int(0...9))" }.joined()
        let given = dice.pick(Self.latinGiven), family = dice.pick(Self.latinFamily)
        func say(_ name: String, _ text: String, _ script: Script) { values[name] = Value(text: text, script: script) }
        say("name_arabic", dice.pick(Self.arabicGiven), .arabic)
        say("father_arabic", dice.pick(Self.arabicGiven) + " " + dice.pick(Self.arabicGiven), .arabic)
        say("family_arabic", dice.pick(Self.arabicFamily), .arabic)
        say("place_arabic", dice.pick(Self.arabicPlaces), .arabic)
        say("name_sorani", dice.pick(Self.soraniGiven), .sorani)
        say("family_sorani", dice.pick(Self.soraniFamily), .sorani)
        say("place_sorani", dice.pick(Self.soraniPlaces), .sorani)
        say("given_latin", given, .latin)
        say("family_latin", family, .latin)
        say("place_latin", dice.pick(Self.latinPlaces), .latin)
        say("number", number, .latin)
        say("national_number", national, .digits)
        say("birth_date", date(birth), .digits)
        say("issue_date", date(issue), .digits)
        say("expiry_date", date(issue, plus: 10), .digits)
        say(
            "birth_date_arabic", Self.arabicDigits("\(birth.year)/\(two(birth.month))/\(two(birth.day))"), .arabicDigits
        )
        say("register_arabic", Self.arabicDigits("\(dice.int(1000...99999))"), .arabicDigits)
        say("sex", isWoman ? "F / أنثى" : "M / ذكر", .arabic)
        let short = { (date: (year: Int, month: Int, day: Int), plus: Int) in
            two((date.year + plus) % 100) + two(date.month) + two(date.day)
        }
        zone = Zone.lines(
            isPassport: isPassport, number: number, national: national, birth: short(birth, 0),
            sex: isWoman ? "F" : "M",
            expiry: short(issue, 10), family: family, given: given)
    }

    static func arabicDigits(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    (48...57).contains(scalar.value) ? Unicode.Scalar(scalar.value - 48 + 0x660)! : scalar
                }))
    }
}
