public import Ground
public import SmartCard

/// INSTALL, GPCS 2.3.1 11.5: which of its uses decides the fields. A token, where delegated management asks for one, is made
/// by `signed(_:by:)` out of the finished command.
public enum InstallCommand {
    /// P1, table 11-41.
    public enum Use {
        static let load: UInt8 = 0x02
        static let install: UInt8 = 0x04
        static let makeSelectable: UInt8 = 0x08
        static let extradition: UInt8 = 0x10
        static let personalization: UInt8 = 0x20
        static let registryUpdate: UInt8 = 0x40
    }

    /// INSTALL parameters C9 (and EF with memory quotas, ETSI TS 102 226 CA within it), GPCS 2.3.1 table 11-49.
    public static func parameters(
        application: Bytes = [], systemNonVolatile: UInt16? = nil, systemVolatile: UInt16? = nil, toolkit: Bytes? = nil,
        implicitSelection: [UInt8] = []
    ) -> Bytes {
        var system: [TLV] = []
        if let systemNonVolatile { system.append(TLV(0xC8, BigEndian.bytes(systemNonVolatile))) }
        if let systemVolatile { system.append(TLV(0xC7, BigEndian.bytes(systemVolatile))) }
        if let toolkit { system.append(TLV(0xCA, toolkit)) }
        system += implicitSelection.map { TLV(0xCF, [$0]) }
        return TLV(0xC9, application).encoded + (system.isEmpty ? [] : TLV(0xEF, system).encoded)
    }

    /// Load parameters with the size of the code (C6, table 11-48): 2 bytes up to 32 767, else 4.
    public static func loadParameters(codeSize: Int) -> Bytes {
        let size = codeSize <= 0x7FFF ? BigEndian.bytes(UInt16(codeSize)) : BigEndian.bytes(UInt32(codeSize))
        return TLV(0xEF, [TLV(0xC6, size)]).encoded
    }

    /// [for load], table 11-42.
    public static func forLoad(
        loadFile: Bytes, securityDomain: Bytes, hash: Bytes = [], parameters: Bytes = []
    ) -> APDUCommand {
        command(Use.load, [loadFile, securityDomain, hash], parameters)
    }

    /// [for install] without making selectable, table 11-43.
    public static func forInstall(
        loadFile: Bytes, module: Bytes, instance: Bytes, privileges: Bytes = [0x00],
        parameters: Bytes = InstallCommand.parameters()
    ) -> APDUCommand {
        command(Use.install, [loadFile, module, instance, privileges], parameters)
    }

    /// [for install and make selectable].
    public static func forInstallAndMakeSelectable(
        loadFile: Bytes, module: Bytes, instance: Bytes, privileges: Bytes = [0x00],
        parameters: Bytes = InstallCommand.parameters()
    ) -> APDUCommand {
        command(Use.install | Use.makeSelectable, [loadFile, module, instance, privileges], parameters)
    }

    /// [for make selectable] of an installed instance, table 11-44.
    public static func forMakeSelectable(
        instance: Bytes, privileges: Bytes = [0x00], parameters: Bytes = []
    ) -> APDUCommand {
        command(Use.makeSelectable, [[], [], instance, privileges], parameters)
    }

    /// [for extradition] of an application or load file to another security domain, table 11-45.
    public static func forExtradition(of object: Bytes, to securityDomain: Bytes, parameters: Bytes = []) -> APDUCommand
    {
        command(Use.extradition, [securityDomain, [], object, []], parameters)
    }

    /// [for registry update], table 11-46: privileges (empty leaves them) and parameters of an application.
    public static func forRegistryUpdate(
        of application: Bytes, to securityDomain: Bytes = [], privileges: Bytes = [], parameters: Bytes = []
    ) -> APDUCommand {
        command(Use.registryUpdate, [securityDomain, [], application, privileges], parameters)
    }

    /// [for personalization]: STORE DATA goes to this instance afterwards, table 11-47.
    public static func forPersonalization(instance: Bytes) -> APDUCommand {
        command(Use.personalization, [[], [], instance, [], []], [])
    }

    /// The same command with its token (C.4): the signature of P1 ‖ P2 ‖ length ‖ data without the token field.
    public static func signed(
        _ command: APDUCommand, by sign: (Bytes) throws(SakkError) -> Bytes
    ) throws(SakkError) -> APDUCommand {
        var command = command
        let token = try sign(tokenInput(command))
        command.data = command.data.dropLast() + TLV.lengthBytes(token.count) + token
        return command
    }

    /// What a token signs: the length is one byte up to 255, else three.
    static func tokenInput(_ command: APDUCommand) -> Bytes {
        let data = Bytes(command.data.dropLast())
        let length = data.count <= 0xFF ? [UInt8(data.count)] : [0] + BigEndian.bytes(UInt16(data.count))
        return [command.p1, command.p2] + length + data
    }

    /// Names and hash have lengths of one byte, the parameters' is BER; an empty token closes the data.
    private static func command(_ use: UInt8, _ fields: [Bytes], _ parameters: Bytes) -> APDUCommand {
        let isPersonalization = use == Use.personalization
        var data = fields.flatMap { [UInt8($0.count)] + $0 }
        if !isPersonalization { data += TLV.lengthBytes(parameters.count) + parameters }
        return APDUCommand(0x80, 0xE6, use, 0x00, data: data + [0x00], le: 256)
    }
}
