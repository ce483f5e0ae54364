public import Ground
public import OpenSSLCrypto
public import SmartCard

/// Content, keys and life cycles (GPCS 2.3.1 chapter 11).
extension CardManager {
    /// The card's registry; asks on while the card answers 6310. An empty list is 6A88. A card that refuses the TLV form is asked
    /// in the old one (P2 bit 2 clear, GPCS 2.1.1).
    public func registry(_ scope: RegistryScope, aid: Bytes = []) throws(SakkError) -> [RegistryEntry] {
        do throws(SakkError) {
            guard let entries = RegistryEntry.parse(try status(scope, aid: aid, form: 0x02)) else {
                throw SakkError.malformed("GET STATUS")
            }
            return entries
        } catch {
            guard ["6A86", "6A80", "6A81"].contains(error.native?.value) else { throw error }
        }
        guard let entries = RegistryEntry.parseLegacy(try status(scope, aid: aid, form: 0x00), scope: scope) else {
            throw .malformed("GET STATUS")
        }
        return entries
    }

    private func status(_ scope: RegistryScope, aid: Bytes, form: UInt8) throws(SakkError) -> Bytes {
        var data = Bytes()
        var next: UInt8 = 0
        while true {
            let command = APDUCommand(
                0x80, 0xF2, scope.rawValue, form | next, data: TLV(0x4F, aid).encoded, le: 256)
            let response = try channel.transmit(command)
            if response.status == .referencedDataNotFound { return data }
            guard response.status.isSuccess || response.status == .moreDataAvailable else {
                throw .refused(response.status, step: "GET STATUS", header: command.header)
            }
            data += response.data
            guard response.status == .moreDataAvailable, !response.data.isEmpty, data.count < 0x1_0000 else {
                return data
            }
            next = 0x01
        }
    }

    /// INSTALL [for load] and all LOAD commands, in blocks as large as the channel and the card allow.
    /// - Parameters:
    ///   - hash: of the data block, where the card or a token or signature asks for it.
    ///   - token: signs the INSTALL command (delegated management).
    ///   - progress: blocks sent, of how many.
    /// - Returns: what the card answered last: a confirmation, or 00.
    @discardableResult
    public func load(
        _ file: LoadFile, aid: Bytes, securityDomain: Bytes = [], hash: Digest? = nil, parameters: Bytes = [],
        cardLimit: Int? = nil, token: ((Bytes) throws(SakkError) -> Bytes)? = nil,
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws(SakkError) -> Bytes {
        var install = InstallCommand.forLoad(
            loadFile: aid, securityDomain: securityDomain, hash: hash.map(file.hash) ?? [], parameters: parameters)
        if let token { install = try InstallCommand.signed(install, by: token) }
        _ = try channel.expectSuccess(install, step: "INSTALL [for load]")
        var answer = Bytes()
        let commands = file.commands(blockSize: blockSize(cardLimit: cardLimit))
        for (index, command) in commands.enumerated() {
            answer = try channel.expectSuccess(command, step: "LOAD of block \(index + 1) of \(commands.count)")
            progress(index + 1, commands.count)
        }
        return answer
    }

    /// INSTALL [for make selectable, extradition, registry update], made by `InstallCommand`.
    @discardableResult
    public func perform(_ install: APDUCommand) throws(SakkError) -> Bytes {
        try channel.expectSuccess(install, step: "INSTALL")
    }

    /// STORE DATA to the security domain, or to `instance` after INSTALL [for personalization]; the answers' data.
    @discardableResult
    public func store(_ commands: [APDUCommand], in instance: Bytes? = nil) throws(SakkError) -> [Bytes] {
        if let instance {
            _ = try channel.expectSuccess(
                InstallCommand.forPersonalization(instance: instance), step: "INSTALL [for personalization]")
        }
        var answers: [Bytes] = []
        for (index, command) in commands.enumerated() {
            var command = command
            if command.p1 & StoreData.expectsResponse != 0 { command.le = 256 }
            answers.append(
                try channel.expectSuccess(command, step: "STORE DATA, block \(index + 1) of \(commands.count)"))
        }
        return answers
    }

    /// Sends a PUT KEY and compares the card's version and check values with ours. `chip.keys.unconfirmed`: the card took
    /// something, and says it is something else.
    public func putKey(_ prepared: (command: APDUCommand, expectedAnswer: Bytes)) throws(SakkError) {
        let answer = try channel.expectSuccess(prepared.command, step: "PUT KEY")
        guard answer == prepared.expectedAnswer else {
            throw SakkError(
                "chip.keys.unconfirmed", source: "chip", outcome: .unknown,
                text:
                    "The card confirms \(answer.hex); it should be \(prepared.expectedAnswer.hex) (version, check values).",
                remedy: "Read which keys the card holds before anything else is sent to it.")
        }
    }

    /// DELETE [key]: all keys of a version, or one of them. False when there was none (6A88).
    @discardableResult
    public func deleteKey(version: UInt8, identifier: UInt8? = nil) throws(SakkError) -> Bool {
        let data = (identifier.map { TLV(0xD0, [$0]).encoded } ?? []) + TLV(0xD2, [version]).encoded
        let command = APDUCommand(0x80, 0xE4, 0x00, 0x00, data: data, le: 256)
        let response = try channel.transmit(command)
        if response.status == .referencedDataNotFound { return false }
        guard response.status.isSuccess else {
            throw .refused(response.status, step: "DELETE [key]", header: command.header)
        }
        return true
    }

    /// SET STATUS of an application or security domain: locked, or back as it was; with `related` the applications of a
    /// security domain too (P1 60).
    public func setLocked(_ locked: Bool, application aid: Bytes, related: Bool = false) throws(SakkError) {
        _ = try channel.expectSuccess(
            APDUCommand(0x80, 0xF0, related ? 0x60 : 0x40, locked ? 0x80 : 0x00, data: aid), step: "SET STATUS")
    }

    /// SET STATUS of a security domain that is personalised (0F, table 11-5).
    public func setPersonalized(securityDomain aid: Bytes) throws(SakkError) {
        _ = try channel.expectSuccess(APDUCommand(0x80, 0xF0, 0x40, 0x0F, data: aid), step: "SET STATUS")
    }
}
