public import Ground
public import SmartCard

/// INSTALL, GPCS 2.3.1 11.5: which of its uses decides the fields.
public enum InstallCommand {
    /// INSTALL parameters C9 (and EF with memory quotas, ETSI TS 102 226 CA within it), GPCS 2.3.1 table 11-49.
    public static func parameters(
        application: Bytes = [], systemNonVolatile: UInt16? = nil, systemVolatile: UInt16? = nil, toolkit: Bytes? = nil
    ) -> Bytes {
        var system: [TLV] = []
        if let systemNonVolatile { system.append(TLV(0xC8, BigEndian.bytes(systemNonVolatile))) }
        if let systemVolatile { system.append(TLV(0xC7, BigEndian.bytes(systemVolatile))) }
        if let toolkit { system.append(TLV(0xCA, toolkit)) }
        return TLV(0xC9, application).encoded + (system.isEmpty ? [] : TLV(0xEF, system).encoded)
    }

    /// [for load], without hash, parameters and token.
    public static func forLoad(loadFile: Bytes, securityDomain: Bytes) -> APDUCommand {
        command(0x02, [loadFile, securityDomain, [], [], []])
    }

    /// [for install and make selectable].
    public static func forInstallAndMakeSelectable(
        loadFile: Bytes, module: Bytes, instance: Bytes, privileges: Bytes = [0x00],
        parameters: Bytes = InstallCommand.parameters()
    ) -> APDUCommand {
        command(0x0C, [loadFile, module, instance, privileges, parameters, []])
    }

    /// [for personalization]: STORE DATA goes to this instance afterwards.
    public static func forPersonalization(instance: Bytes) -> APDUCommand {
        command(0x20, [[], [], instance, [], [], []])
    }

    private static func command(_ use: UInt8, _ fields: [Bytes]) -> APDUCommand {
        APDUCommand(0x80, 0xE6, use, 0x00, data: fields.flatMap { [UInt8($0.count)] + $0 }, le: 256)
    }
}

/// STORE DATA, GPCS 2.3.1 11.11: blocks numbered from 00, bit 8 of P1 in the last one.
public enum StoreData {
    public static func commands(p1: UInt8, blocks: [Bytes]) -> [APDUCommand] {
        blocks.enumerated().map { index, block in
            APDUCommand(0x80, 0xE2, index == blocks.count - 1 ? p1 | 0x80 : p1 & 0x7F, UInt8(index & 0xFF), data: block)
        }
    }
}
