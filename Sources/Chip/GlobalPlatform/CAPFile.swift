public import Ground

/// A Java Card CAP file (JCVM specification chapter 6): a ZIP whose components, in one order, are what is loaded.
public struct CAPFile: Sendable, Equatable {
    public struct Applet: Sendable, Equatable {
        public let aid: Bytes
    }

    /// Components by their tags, in the order of loading (JCVM 4.5.2). Debug (12) is never loaded.
    static let order: [(tag: UInt8, name: String)] = [
        (1, "Header"), (2, "Directory"), (4, "Import"), (3, "Applet"), (6, "Class"), (7, "Method"), (8, "StaticField"),
        (10, "Export"), (5, "ConstantPool"), (9, "RefLocation"), (11, "Descriptor"),
    ]

    public let packageAID: Bytes
    /// Package version, major and minor.
    public let version: (major: UInt8, minor: UInt8)
    /// CAP format version, major and minor.
    public let format: (major: UInt8, minor: UInt8)
    public let applets: [Applet]
    private let components: [UInt8: Bytes]

    /// Throws `cap.malformed` with what is wrong.
    public init(_ bytes: Bytes) throws(SakkError) {
        guard let archive = ZipArchive(bytes, where: { $0.hasSuffix(".cap") || $0.hasSuffix(".CAP") }) else {
            throw .malformedCAP("it is no ZIP archive, or is damaged")
        }
        var components: [UInt8: Bytes] = [:]
        for file in archive.files {
            let name = file.name.split(separator: "/").last.map { $0.dropLast(4).lowercased() } ?? ""
            guard let known = CAPFile.order.first(where: { $0.name.lowercased() == name }) else { continue }
            guard components[known.tag] == nil else { throw .malformedCAP("component \(known.name) is in it twice") }
            guard file.bytes.count >= 3, file.bytes[0] == known.tag,
                Int(file.bytes[1]) << 8 | Int(file.bytes[2]) == file.bytes.count - 3
            else { throw .malformedCAP("component \(known.name) has not the tag and length it should have") }
            components[known.tag] = file.bytes
        }
        // all but Applet and Export (libraries and applets without one) and Descriptor are required, JCVM table 6-1
        for (tag, name) in CAPFile.order where ![3, 10, 11].contains(tag) && components[tag] == nil {
            throw .malformedCAP("component \(name) is missing")
        }
        self.components = components
        (packageAID, version, format) = try CAPFile.header(components[1] ?? [])
        applets = try CAPFile.applets(components[3])
    }

    private static func header(
        _ component: Bytes
    ) throws(SakkError) -> (Bytes, (major: UInt8, minor: UInt8), (major: UInt8, minor: UInt8)) {
        var reader = ByteReader(Bytes(component.dropFirst(3)))
        guard reader.unsigned(4) == 0xDECA_FFED, let formatMinor = reader.byte(), let formatMajor = reader.byte(),
            reader.byte() != nil, let minor = reader.byte(), let major = reader.byte(), let length = reader.byte(),
            (5...16).contains(length), let aid = reader.read(Int(length))
        else { throw .malformedCAP("its header is not a CAP header") }
        return (aid, (major, minor), (formatMajor, formatMinor))
    }

    private static func applets(_ component: Bytes?) throws(SakkError) -> [Applet] {
        guard let component else { return [] }
        var reader = ByteReader(Bytes(component.dropFirst(3)))
        guard let count = reader.byte() else { throw .malformedCAP("its applet component is empty") }
        var applets: [Applet] = []
        for _ in 0..<count {
            guard let length = reader.byte(), (5...16).contains(length), let aid = reader.read(Int(length)),
                reader.read(2) != nil
            else { throw .malformedCAP("its applet component is cut off") }
            applets.append(Applet(aid: aid))
        }
        return applets
    }

    /// What lies inside tag C4: the components in loading order. Cards that verify on load want the descriptor too.
    public func loadFileDataBlock(withDescriptor: Bool = false) -> Bytes {
        CAPFile.order.filter { withDescriptor || $0.tag != 11 }.flatMap { components[$0.tag] ?? [] }
    }

    public static func == (left: CAPFile, right: CAPFile) -> Bool { left.components == right.components }
}

extension SakkError {
    static func malformedCAP(_ why: String) -> SakkError {
        SakkError(
            "cap.malformed", source: "CAP file", text: "The file cannot be loaded: \(why).",
            remedy: "Build it anew with the Java Card converter, or take another file.")
    }
}
