/// Designs documents that nobody ever issued: other places, fonts, sizes, colours and codes for each seed.
struct LayoutMaker {
    private var dice: Dice
    private var layout: Layout
    private let latin, arabic, sorani: String
    private var waiting: [String]
    private let labelSize: Double
    private let textColour: Colour
    private let isTextResin: Bool

    static func make(_ dice: Dice, isPassport: Bool) -> Layout {
        var maker = LayoutMaker(dice, isPassport: isPassport)
        if isPassport {
            maker.passport()
        } else {
            maker.front()
            maker.back()
        }
        return maker.layout
    }

    private init(_ given: Dice, isPassport: Bool) {
        dice = given
        let here = { (names: [String]) in names.filter { Sketch.families.contains($0) } }
        latin = dice.pick(
            here([
                "Noto Sans", "Noto Serif", "DejaVu Sans", "DejaVu Serif", "DejaVu Sans Mono", "Noto Sans Display",
                "DejaVu Sans Condensed",
            ]))
        arabic = dice.pick(
            here([
                "Noto Naskh Arabic", "Noto Kufi Arabic", "Noto Sans Arabic", "DejaVu Sans", "Amiri", "Scheherazade New",
            ]))
        sorani = dice.pick(here(["Noto Naskh Arabic", "Noto Sans Arabic", "DejaVu Sans", "Noto Kufi Arabic"]))
        // 300 dpi mostly; 600 dpi, 12 and 16 dots a millimetre as other machines have them
        let dots = dice.pick([300 / 25.4, 300 / 25.4, 300 / 25.4, 600 / 25.4, 12.0, 16.0])
        layout = Layout(
            isPassport: isPassport, dotsPerMM: dots, isBilevel: dice.chance(0.5), isGroundPrinted: dice.chance(0.45),
            hasWindow: dice.chance(0.8))
        labelSize = dice.real(4...5.2)
        isTextResin = dice.chance(0.8)
        let isBlack = dice.chance(0.5)
        textColour =
            isTextResin || isBlack ? .black : Colour.hue(dice.real(200...260), dice.real(0.5...1), dice.real(0.1...0.4))
        var second = [
            "family_arabic", "family_sorani", "family_latin", "father_arabic", "place_arabic", "place_sorani",
            "place_latin", "issue_date", "expiry_date", "register_arabic", "sex", "birth_date_arabic",
            "national_number",
        ]
        dice.shuffle(&second)
        var first = ["name_arabic", "name_sorani", "given_latin", "number", "birth_date"]
        dice.shuffle(&first)
        waiting = first + second
        for side in layout.sides { layout.stocks[side] = StockStyle(&dice, side: side) }
    }

    private mutating func front() {
        let top = dice.real(7...10)
        let width = dice.real(20...26)
        let portrait = Box(0, dice.real(top + 2...top + 4), width, width * dice.real(1.2...1.33))
        let onLeft = dice.chance(0.5)
        let edge = dice.real(3...6)
        let x = onLeft ? edge : layout.width - edge - width
        add(.portrait, "portrait", .front, Box(x, portrait.y, width, portrait.height))
        heading(.front, top)
        let left = onLeft ? x + width + 2.5 : dice.real(3...5)
        let right = onLeft ? layout.width - dice.real(3...5) : x - 2.5
        var bottom = 51.5
        if dice.chance(0.35) {
            let size = dice.real(12...14.5)
            let kind: Layout.Kind = dice.chance(0.5) ? .qr : .datamatrix
            add(kind, kind.rawValue + "_front", .front, Box(onLeft ? right - size : left, bottom - size, size, size))
            bottom -= size + 0.5
        } else if dice.chance(0.4) {
            let size = dice.real(9...12)
            add(
                .ghost, "ghost", .front, Box(onLeft ? right - size : left, bottom - size * 1.25, size, size * 1.25),
                alpha: dice.real(0.35...0.6))
            bottom -= size * 1.25 + 0.5
        }
        rows(.front, Box(left, top + 1, right - left, bottom - top - 1))
    }

    private mutating func back() {
        let zoneTop = dice.real(31.2...34.2)
        let pitch = dice.pick([6.35, 6.35, 5.6, 5.0])
        add(.mrz, "mrz", .back, Box(dice.real(3.4...4.8), zoneTop, 30 * 2.54, 3 * pitch))
        let onLeft = dice.chance(0.5)
        let square = dice.real(18...22)
        let squareKind: Layout.Kind = dice.chance(0.75) ? .qr : .datamatrix
        let x = onLeft ? 4 : layout.width - 4 - square
        add(squareKind, squareKind.rawValue, .back, Box(x, dice.real(3...6), square, square))
        let left = onLeft ? x + square + 2 : 4
        let right = onLeft ? layout.width - 4 : x - 2
        var top = 3.0
        if dice.chance(0.6) {
            let isPDF = dice.chance(0.5)
            let tall = isPDF ? dice.real(15...17) : dice.real(7...9)
            add(isPDF ? .pdf417 : .code39, isPDF ? "pdf417" : "code39", .back, Box(left, top, right - left, tall))
            top += tall + 0.8
        }
        rows(.back, Box(left, top, right - left, zoneTop - 1 - top))
    }

    private mutating func passport() {
        let top = dice.real(7...10)
        let width = dice.real(32...36)
        add(.portrait, "portrait", .front, Box(dice.real(4...9), top + dice.real(2...4), width, width * 1.28))
        heading(.front, top)
        let lines = dice.pick([6.35, 6.35, 5.6])
        let zoneTop = dice.real(66...69)
        add(.mrz, "mrz", .front, Box(dice.real(5.2...6.8), zoneTop, 44 * 2.54, 2 * lines))
        let left = 9 + width + 4
        var right = 121.0
        if dice.chance(0.6) {
            let size = dice.real(15...18)
            let kind: Layout.Kind = dice.chance(0.5) ? .qr : .datamatrix
            add(kind, kind.rawValue, .front, Box(right - size, zoneTop - size - 2, size, size))
            right -= size + 2
        }
        rows(.front, Box(left, top + 2, right - left, zoneTop - top - 4))
    }

    private mutating func heading(_ side: Side, _ tall: Double) {
        let style = layout.stocks[side]
        let colour = style?.bandText ?? .black
        let half = (layout.width - 8) / 2
        label("UTOPIA - SPECIMEN", side, Box(4, 1, half, tall - 2), colour, family: latin, size: dice.real(7...10))
        label(
            "جمهورية يوتوبيا - کۆماری یۆتۆپیا", side, Box(4 + half, 1, half, tall - 2), colour, family: sorani,
            size: dice.real(7...9), isRightToLeft: true)
    }

    /// Values one under the other, in one or two columns, a small caption above each.
    private mutating func rows(_ side: Side, _ area: Box) {
        let caption = labelSize * 0.3528 * 1.25
        let columns = area.width > 46 ? 2 : 1
        let across = (area.width - Double(columns - 1) * 2) / Double(columns)
        var y = area.y
        var column = 0
        while !waiting.isEmpty {
            let size = dice.real(6.5...9.5)
            let tall = size * 0.3528 * 1.75
            guard y + caption + tall <= area.y + area.height else { return }
            let name = waiting.removeFirst()
            let x = area.x + Double(column) * (across + 2)
            let script = Self.script(name)
            let isRightToLeft = script == .arabic || script == .sorani || script == .arabicDigits
            label(
                Self.captions[name] ?? name, side, Box(x, y, across, caption), Colour(0.25, 0.25, 0.3), family: latin,
                size: labelSize)
            let isNumber = name == "number"
            add(
                .text, name, side, Box(x, y + caption, across, tall),
                type: Sketch.Face(
                    family: script == .sorani ? sorani : isRightToLeft ? arabic : latin, bold: dice.chance(0.35),
                    size: size, isRightToLeft: isRightToLeft),
                colour: isNumber && dice.chance(0.3) ? Colour(0.7, 0.05, 0.08) : textColour)
            column += 1
            if column == columns {
                column = 0
                y += caption + tall + 0.25
            }
        }
    }

    private mutating func add(
        _ kind: Layout.Kind, _ name: String, _ side: Side, _ box: Box, type: Sketch.Face? = nil,
        colour: Colour = .black,
        alpha: Double = 1
    ) {
        var place = Layout.Place(name: name, kind: kind, side: side, box: box)
        if let type { place.type = type }
        place.colour = colour
        place.alpha = alpha
        let isPlain = kind == .mrz || kind.symbol != nil
        let isBlack = colour.red + colour.green + colour.blue == 0
        place.isResin = isPlain || (kind == .text && isTextResin && isBlack)
        layout.places.append(place)
    }

    private mutating func label(
        _ text: String, _ side: Side, _ box: Box, _ colour: Colour, family: String, size: Double,
        isRightToLeft: Bool = false
    ) {
        layout.labels.append(
            Layout.Label(
                text: text, side: side, box: box,
                type: Sketch.Face(family: family, size: size, isRightToLeft: isRightToLeft), colour: colour))
    }

    static func script(_ name: String) -> Person.Script {
        if name == "birth_date_arabic" || name == "register_arabic" { return .arabicDigits }
        if name.hasSuffix("_arabic") || name == "sex" { return .arabic }
        if name.hasSuffix("_sorani") { return .sorani }
        if name.hasSuffix("_date") || name == "national_number" { return .digits }
        return .latin
    }

    private static let captions = [
        "name_arabic": "Name (ar)", "father_arabic": "Father", "family_arabic": "Family (ar)",
        "place_arabic": "Place (ar)",
        "name_sorani": "Name (ku)", "family_sorani": "Family (ku)", "place_sorani": "Place (ku)",
        "given_latin": "Given names",
        "family_latin": "Surname", "place_latin": "Place", "number": "Document No", "national_number": "Personal No",
        "birth_date": "Date of birth", "issue_date": "Date of issue", "expiry_date": "Date of expiry",
        "birth_date_arabic": "Birth (ar)", "register_arabic": "Register", "sex": "Sex",
    ]
}
