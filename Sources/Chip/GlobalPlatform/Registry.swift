public import Ground

/// One entry of the card's registry, GET STATUS response E3 (GPCS 2.3.1 table 11-36).
public struct RegistryEntry: Sendable, Equatable {
    public let aid: Bytes
    public let state: UInt8
    public let privileges: Privileges
    public let loadFile: Bytes?
    public let securityDomain: Bytes?
    public let modules: [Bytes]
    public let version: Bytes?
    /// CF: channels on which the application is selected by itself.
    public let implicitSelection: Bytes
    /// EA: UICC parameters.
    public let uicc: Bytes?

    /// All entries of one response; nil when it has not this form.
    public static func parse(_ response: Bytes) -> [RegistryEntry]? {
        guard let objects = TLV.parseAll(response) else { return nil }
        var entries: [RegistryEntry] = []
        for object in objects {
            guard object.tag == 0xE3, let fields = object.children,
                let aid = fields.first(where: { $0.tag == 0x4F })?.value,
                let state = fields.first(where: { $0.tag == 0x9F70 })?.value.first
            else { return nil }
            func value(_ tag: UInt32) -> Bytes? { fields.first { $0.tag == tag }?.value }
            entries.append(
                RegistryEntry(
                    aid: aid, state: state, privileges: value(0xC5).flatMap(Privileges.init(bytes:)) ?? [],
                    loadFile: value(0xC4), securityDomain: value(0xCC),
                    modules: fields.filter { $0.tag == 0x84 }.map(\.value), version: value(0xCE),
                    implicitSelection: fields.filter { $0.tag == 0xCF }.flatMap(\.value), uicc: value(0xEA)))
        }
        return entries
    }

    /// The form before 2.2 (GPCS 2.1.1 9.4.3.1): length, AID, state, privileges; with modules their count and AIDs.
    static func parseLegacy(_ response: Bytes, scope: CardManager.RegistryScope) -> [RegistryEntry]? {
        var reader = ByteReader(response)
        var entries: [RegistryEntry] = []
        while !reader.isAtEnd {
            guard let length = reader.byte(), let aid = reader.read(Int(length)), let state = reader.byte(),
                let privileges = reader.byte()
            else { return nil }
            var modules: [Bytes] = []
            if scope == .loadFilesAndModules {
                guard let count = reader.byte() else { return nil }
                for _ in 0..<count {
                    guard let length = reader.byte(), let module = reader.read(Int(length)) else { return nil }
                    modules.append(module)
                }
            }
            entries.append(
                RegistryEntry(
                    aid: aid, state: state, privileges: Privileges(bytes: [privileges]) ?? [], loadFile: nil,
                    securityDomain: nil, modules: modules, version: nil, implicitSelection: [], uicc: nil))
        }
        return entries
    }
}

/// One key of a security domain, GET DATA 00E0 (GPCS 2.3.1 11.3.3.1.1).
public struct KeyInformation: Sendable, Equatable {
    public struct Component: Sendable, Equatable {
        /// 88 AES, 80 DES, A0/A1 RSA exponent and modulus.
        public let type: UInt8
        public let length: Int
    }

    public let id: UInt8
    public let version: UInt8
    /// All components of the basic form; of the extended form (type FF) the first.
    public let components: [Component]

    public static func parse(_ response: Bytes) -> [KeyInformation]? {
        guard let template = TLV.parse(response), template.tag == 0xE0, let objects = template.children else {
            return nil
        }
        var keys: [KeyInformation] = []
        for object in objects {
            var reader = ByteReader(object.value)
            guard object.tag == 0xC0, let id = reader.byte(), let version = reader.byte() else { return nil }
            var components: [Component] = []
            while let type = reader.byte() {
                if type == 0xFF {
                    guard let extended = reader.byte(), let length = reader.unsigned(2) else { return nil }
                    components.append(Component(type: extended, length: Int(length)))
                    break
                }
                guard let length = reader.byte() else { return nil }
                components.append(Component(type: type, length: Int(length)))
            }
            keys.append(KeyInformation(id: id, version: version, components: components))
        }
        return keys
    }
}

/// Card recognition data (tag 73, GPCS 2.3.1 H.2): which secure channel protocols the card offers.
public struct CardRecognition: Sendable, Equatable {
    public struct SecureChannelProtocol: Sendable, Equatable {
        public let scp: UInt8
        /// Implementation options.
        public let options: UInt8
    }

    /// 1.2.840.114283.4, the parent of {scp i}.
    private static let scpIdentifier: Bytes = [0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B, 0x04]

    public let protocols: [SecureChannelProtocol]

    /// From GET DATA 0066 (66 { 73 ... }) or from a SELECT's FCI (6F { A5 { 73 ... } }).
    public init?(_ response: Bytes) {
        guard let outer = TLV.parse(response),
            let data = outer.first(0x73) ?? outer.first(0xA5)?.first(0x73), let fields = data.children
        else { return nil }
        protocols = fields.filter { $0.tag == 0x64 }.compactMap { field in
            guard let oid = field.first(0x06)?.value, oid.starts(with: CardRecognition.scpIdentifier) else {
                return nil
            }
            let arcs = Bytes(oid.dropFirst(CardRecognition.scpIdentifier.count))
            // SCP80 and SCP81 take two bytes as OID arcs and are no secure channel of a personalisation
            guard arcs.count == 2, arcs[0] < 0x80 else { return nil }
            return SecureChannelProtocol(scp: arcs[0], options: arcs[1])
        }
    }
}
