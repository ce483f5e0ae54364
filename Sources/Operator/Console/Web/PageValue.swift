import Ground
import Mustache
import Reporting

/// The words and figures of one page, in one look.
struct Wording: Sendable {
    let catalogue: Catalogue
    let look: Look
    let clock: Clock

    /// The text of a key, nil when there is none.
    func text(_ key: String) -> String? { catalogue.text(key, look.language) }
}

/// What a template sees of a model: members by name, numbers in the reader's digits, words and times by transforms.
///
/// Transforms of a text: `state(x)` is the text of the key `state.x` for any first part of a key. Of a time in
/// microseconds: `time(x)`, `clock(x)`, `day(x)`. Of an object with `code`, `text` and `remedy`: `said(x)`.
struct PageValue: MustacheParent, MustacheTransformable, MustacheCustomRenderable {
    let json: JSONValue
    let wording: Wording

    var isNull: Bool { json == .null }

    var renderText: String {
        switch json {
        case .string(let text): text
        case .integer(let number): wording.look.digits.write(number)
        case .null: ""
        default: json.canonicalText
        }
    }

    func child(named name: String) -> Any? {
        guard let member = json[name] else { return nil }
        return wrap(member)
    }

    func transform(_ name: String) -> Any? {
        switch (name, json) {
        case ("time", .integer(let time)): digits(wording.clock.minutes(WallTime(microseconds: time)))
        case ("clock", .integer(let time)): digits(wording.clock.seconds(WallTime(microseconds: time)))
        case ("day", .integer(let time)): digits(wording.clock.day(WallTime(microseconds: time)))
        case ("day", .string(let day)): digits(Clock.day(day))
        // as it is, in Latin digits: for attributes and addresses
        case ("raw", .integer(let number)): String(number)
        // the sign follows the number in the reading direction of its digits
        case ("percent", .integer(let number)):
            digits(String(number)) + (wording.look.digits == .arabicIndic ? "\u{066A}" : "%")
        case ("path", .string(let text)): Address.escape(text)
        // a name and an id may run in two directions: each by itself, in the order of the page
        case ("person", .string(let text)): PageValue.isolated(person: text)
        case ("said", .object): Saying(value: self).shown
        // a picture of a text for a phone: `box` and `dark` of an SVG
        case ("qr", .string(let text)):
            QRPicture(text).map { picture in
                PageValue(json: ["box": .string(picture.box), "dark": .string(picture.dark)], wording: wording)
            }
        case ("reason", .string(let text)): wording.catalogue.reason(text, wording.look.language)
        case (_, .string(let text)): wording.text("\(name).\(text)") ?? text
        default: nil
        }
    }

    /// `Name (id)` as the books sign it (`Person.signature`).
    private static func isolated(person text: String) -> String {
        guard text.hasSuffix(")"), let open = text.lastIndex(of: "(") else { return "\u{2068}\(text)\u{2069}" }
        let name = text[..<open].reversed().drop { $0 == " " }.reversed()
        let id = text[text.index(after: open)...].dropLast()
        return "\u{2068}\(String(name))\u{2069} (\u{2066}\(id)\u{2069})"
    }

    private func digits(_ text: String) -> String { wording.look.digits.write(text) }

    func wrap(_ value: JSONValue) -> Any {
        switch value {
        case .array(let values): values.map { PageValue(json: $0, wording: wording) }
        case .bool(let flag): flag
        default: PageValue(json: value, wording: wording)
        }
    }
}

/// What stopped something, in the reader's language where the catalogue knows the code, else in the technician's English.
struct Saying {
    let value: PageValue

    var shown: Any {
        let code = value.json["code"]?.string ?? ""
        let catalogue = value.wording
        // each member is there, also when it says nothing: a template would look for it further out
        var members: [String: JSONValue] = [
            "code": .string(code), "has_steps": false, "steps": [], "consequence": .null, "remedy": .null,
            "detail": .null, "field": .null,
        ]
        if let text = catalogue.text("cause.\(code)") {
            members["is_known"] = true
            members["text"] = .string(text)
        } else {
            members["is_known"] = false
            members["text"] = value.json["text"] ?? .null
        }
        let steps = catalogue.text("steps.\(code)")
        if let steps {
            members["has_steps"] = true
            members["steps"] = .array(steps.split(separator: "|").map { .string(trimmed($0)) })
            members["consequence"] = catalogue.text("then.\(code)").map(JSONValue.string) ?? .null
        } else {
            members["remedy"] = value.json["remedy"] ?? .null
        }
        if ["console.field", "console.why"].contains(code) { members["field"] = value.json["subject"] ?? .null }
        // what the machine said beside the translation: names, places, numbers
        if members["is_known"] == true { members["detail"] = value.json["text"] ?? .null }
        return PageValue(json: .object(members), wording: value.wording)
    }

    private func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}

/// `t.line.title`: the text of a key.
struct TextPath: MustacheParent {
    let wording: Wording
    let prefix: String

    func child(named name: String) -> Any? {
        let key = prefix.isEmpty ? name : "\(prefix).\(name)"
        if let text = wording.text(key) { return text }
        return TextPath(wording: wording, prefix: key)
    }
}

/// The top of the stack: the model's members, then the frame's, then the texts.
struct PageRoot: MustacheParent {
    let model: PageValue
    let frame: PageValue

    func child(named name: String) -> Any? {
        name == "t"
            ? TextPath(wording: model.wording, prefix: "") : model.child(named: name) ?? frame.child(named: name)
    }
}

enum Address {
    private static let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)

    /// One segment of a path (RFC 3986, unreserved characters stay).
    static func escape(_ text: String) -> String {
        text.utf8.map { byte in
            plain.contains(byte) ? String(UnicodeScalar(byte)) : "%" + [byte].hex.uppercased()
        }.joined()
    }
}
