public import Ground
public import SmartCard

/// Content management with the selected issuer security domain, in clear or through a `SecureChannel`
/// (GPCS 2.3.1 chapter 11). Every refusal is `chip.refused` with its status word.
public struct CardManager {
    /// Life cycle of the card, GPCS 2.3.1 table 11-5.
    public enum CardState: UInt8, Sendable {
        case ready = 0x01
        case initialized = 0x07
        case secured = 0x0F
        case locked = 0x7F
        case terminated = 0xFF
    }

    /// What GET STATUS lists, P1 of table 11-33.
    public enum RegistryScope: UInt8, Sendable {
        case issuerSecurityDomain = 0x80
        case applications = 0x40
        case loadFiles = 0x20
        case loadFilesAndModules = 0x10
    }

    /// A SELECT that found its application; a locked card answers 6283 and stays selected.
    public struct Selection: Sendable {
        public let fci: Bytes
        public let isLocked: Bool
    }

    let channel: any CardChannel

    public init(_ channel: any CardChannel) { self.channel = channel }

    /// Data bytes of one command under this channel's protection and the card's own limit (`9F65` of its FCI).
    public func blockSize(cardLimit: Int? = nil) -> Int {
        let limit = min(255, cardLimit ?? 255)
        guard let secure = channel as? SecureChannel else { return max(1, limit) }
        return max(1, secure.maximumDataLength(within: limit))
    }

    /// SELECT by AID; nil when the card has no such application (6A82) or refuses it because it is locked or
    /// terminated (6A81, 6283 without answering, 6985, 6999).
    public func select(_ aid: Bytes) throws(SakkError) -> Selection? {
        let command = APDUCommand.select(aid: aid, fci: true)
        let response = try channel.transmit(command)
        switch response.status {
        case .success: return Selection(fci: response.data, isLocked: false)
        case .selectedFileDeactivated: return Selection(fci: response.data, isLocked: true)
        case .fileNotFound, .functionNotSupported, .conditionsNotSatisfied, .appletSelectFailed: return nil
        default: throw .refused(response.status, step: "SELECT", header: command.header)
        }
    }

    public func install(
        loadFile: Bytes, module: Bytes, instance: Bytes, privileges: Bytes = [0x00],
        parameters: Bytes = InstallCommand.parameters()
    ) throws(SakkError) {
        _ = try channel.expectSuccess(
            InstallCommand.forInstallAndMakeSelectable(
                loadFile: loadFile, module: module, instance: instance, privileges: privileges, parameters: parameters),
            step: "INSTALL")
    }

    /// DELETE by AID; false when there was nothing of this name (6A88).
    @discardableResult
    public func delete(_ aid: Bytes, related: Bool = false) throws(SakkError) -> Bool {
        let command = APDUCommand(
            0x80, 0xE4, 0x00, related ? 0x80 : 0x00, data: TLV(0x4F, aid).encoded, le: 256)
        let response = try channel.transmit(command)
        if response.status == .referencedDataNotFound || response.status == .fileNotFound { return false }
        guard response.status.isSuccess else {
            throw .refused(response.status, step: "DELETE", header: command.header)
        }
        return true
    }

    /// SET STATUS of the card: forward only, but for the way back from locked to secured.
    public func setCardState(_ state: CardState) throws(SakkError) {
        _ = try channel.expectSuccess(APDUCommand(0x80, 0xF0, 0x80, state.rawValue), step: "SET STATUS")
    }
}
