import Ground

/// A command as it came (F2): its name in small letters, attributes, and the bytes between its tags.
struct IXLARequest {
    let name: String
    let attributes: [String: String]
    let body: Bytes

    subscript(_ name: String) -> String? { attributes[name] }

    enum Next {
        case nothing
        case broken
        case request(IXLARequest)
    }

    private static let close = Bytes("</command>".utf8)

    /// Takes the first whole command out of the inbox.
    static func next(_ inbox: inout Bytes) -> Next {
        let blank = inbox.prefix { $0 <= 0x20 }.count
        inbox.removeFirst(blank)
        guard !inbox.isEmpty else { return .nothing }
        guard let end = inbox.firstIndex(of: UInt8(ascii: ">")) else { return .nothing }
        let head = String(decoding: inbox[...end], as: UTF8.self)
        guard head.hasPrefix("<command "), let attributes = tag(head), let name = attributes["name"] else {
            inbox = []
            return .broken
        }
        var body = Bytes()
        var length = end + 1
        if !head.hasSuffix("/>") {
            guard let start = find(close, in: inbox, from: end + 1) else { return .nothing }
            body = Bytes(inbox[(end + 1)..<start])
            length = start + close.count
        }
        inbox.removeFirst(length)
        return .request(IXLARequest(name: name.lowercased(), attributes: attributes, body: body))
    }

    static func find(_ pattern: Bytes, in bytes: Bytes, from: Int) -> Int? {
        guard bytes.count - from >= pattern.count else { return nil }
        return bytes.withUnsafeBufferPointer { bytes in
            pattern.withUnsafeBufferPointer { pattern in
                for start in from...(bytes.count - pattern.count) where bytes[start] == pattern[0] {
                    var index = 1
                    while index < pattern.count, bytes[start + index] == pattern[index] { index += 1 }
                    if index == pattern.count { return start }
                }
                return nil
            }
        }
    }

    /// Attributes of one tag; nil for anything that is none.
    static func tag(_ text: String) -> [String: String]? {
        var attributes: [String: String] = [:]
        let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
        for index in stride(from: 0, to: parts.count - 1, by: 2) {
            let key = parts[index].split(separator: " ").last.map(String.init) ?? ""
            guard key.hasSuffix("="), key.count > 1 else { return nil }
            let value = parts[index + 1].replacing("&lt;", with: "<").replacing("&gt;", with: ">")
                .replacing("&quot;", with: "\"").replacing("&amp;", with: "&")
            attributes[String(key.dropLast())] = String(value)
        }
        return attributes
    }
}

/// A layout in memory (E2 to E5).
struct IXLALayout {
    struct Broken: Error { let entity: String }

    let name: String
    let entities: [(name: String, image: Bytes?)]

    static func all(_ body: Bytes) -> Result<[IXLALayout], Broken> {
        var layouts: [IXLALayout] = []
        var rest = body
        let close = Bytes("</layout>".utf8)
        while let begin = rest.firstIndex(of: UInt8(ascii: "<")) {
            rest.removeFirst(begin)
            guard let end = rest.firstIndex(of: UInt8(ascii: ">")),
                let head = IXLARequest.tag(String(decoding: rest[...end], as: UTF8.self)), let name = head["Name"],
                rest.starts(with: Bytes("<layout ".utf8)), let stop = IXLARequest.find(close, in: rest, from: end)
            else { return .failure(Broken(entity: "")) }
            switch entities(Bytes(rest[(end + 1)..<stop])) {
            case .failure(let broken): return .failure(broken)
            case .success(let made): layouts.append(IXLALayout(name: name, entities: made))
            }
            rest.removeFirst(stop + close.count)
        }
        let names = layouts.flatMap { $0.entities.map(\.name) }
        guard Set(names).count == names.count, !layouts.isEmpty else {
            return .failure(Broken(entity: names.last ?? ""))
        }
        return .success(layouts)
    }

    private static func entities(_ body: Bytes) -> Result<[(name: String, image: Bytes?)], Broken> {
        var found: [(name: String, image: Bytes?)] = []
        for part in body.split(separator: UInt8(ascii: ">")) where part.contains(UInt8(ascii: "<")) {
            guard let tag = IXLARequest.tag(String(decoding: part, as: UTF8.self) + ">"), let name = tag["Name"] else {
                return .failure(Broken(entity: ""))
            }
            guard tag["Type"] == "Image" else {
                found.append((name, nil))
                continue
            }
            guard let image = tag["Image"].flatMap(base64) else { return .failure(Broken(entity: name)) }
            found.append((name, image))
        }
        return .success(found)
    }

    private static func base64(_ text: String) -> Bytes? {
        var bytes = Bytes()
        bytes.reserveCapacity(text.utf8.count / 4 * 3)
        var (word, count, pads) = (UInt32(0), 0, 0)
        for letter in text.utf8 {
            let value: UInt32
            switch letter {
            case 65...90: value = UInt32(letter) - 65
            case 97...122: value = UInt32(letter) - 71
            case 48...57: value = UInt32(letter) + 4
            case 43: value = 62
            case 47: value = 63
            case 61:
                value = 0
                pads += 1
            default: return nil
            }
            if pads > 0, letter != 61 { return nil }
            word = word << 6 | value
            count += 1
            if count % 4 == 0 {
                bytes += [UInt8(word >> 16 & 255), UInt8(word >> 8 & 255), UInt8(word & 255)]
                word = 0
            }
        }
        guard count % 4 == 0, count > 0, pads <= 2 else { return nil }
        bytes.removeLast(pads)
        return bytes
    }

    /// E10: dots from above, 0 nothing, 255 full; nil for another file than that.
    static func dots(_ file: Bytes, width: Int, height: Int) -> Bytes? {
        func little(_ at: Int, _ count: Int) -> Int {
            (0..<count).reduce(0) { $0 | Int(file[at + $1]) << (8 * $1) }
        }
        let stride = (width + 3) / 4 * 4
        guard file.count == 1078 + stride * height, file.starts(with: Bytes("BM".utf8)), little(10, 4) == 1078,
            little(18, 4) == width, little(22, 4) == height, little(28, 2) == 8, little(30, 4) == 0
        else { return nil }
        var dots = Bytes()
        dots.reserveCapacity(width * height)
        for row in (0..<height).reversed() {
            let start = 1078 + row * stride
            for index in start..<(start + width) { dots.append(255 - file[index]) }
        }
        return dots
    }
}
