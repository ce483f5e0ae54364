internal import Ground

/// GET STATUS (GlobalPlatform 2.3.1 clause 11.4), also in the form before 2.2, in pages of what one answer holds.
extension Chip {
    /// Plain bytes of one answer that still fit under R-ENC and R-MAC.
    private static let page = 220

    private struct Entry {
        let aid: Bytes
        let state: UInt8
        let privileges: Bytes
        let rest: [TLV]
        var modules: [Bytes] = []

        /// Only the objects that a tag list asks for.
        func encoded(_ tags: Bytes?) -> Bytes {
            let all =
                [TLV(0x4F, aid), TLV(0x9F70, [state])] + (privileges.isEmpty ? [] : [TLV(0xC5, privileges)]) + rest
            guard let tags else { return TLV(0xE3, all).encoded }
            return TLV(0xE3, all.filter { object in tags.contains(subsequence: TLV.tagBytes(object.tag)) }).encoded
        }

        func legacy(withModules: Bool) -> Bytes {
            let list = withModules ? [UInt8(modules.count)] + modules.flatMap { [UInt8($0.count)] + $0 } : []
            return [UInt8(aid.count)] + aid + [state, privileges.first ?? 0] + list
        }
    }

    mutating func getStatus(_ command: CommandAPDU) -> Answer {
        let isLegacy = command.p2 & 0x02 == 0
        guard command.p2 & 0xFC == 0, isLegacy || !knowsOnlyLegacyStatus else { return .status(0x6A86) }
        guard let criteria = TLV.parseAll(command.data), let criterion = criteria.first, criterion.tag == 0x4F else {
            return .status(0x6A80)
        }
        if command.p2 & 0x01 != 0 {
            guard command.p1 != 0x80, let rest = statusRest else { return .status(0x6A86) }
            return paged(rest)
        }
        guard let all = entries(command.p1) else { return .status(0x6A86) }
        let found = all.filter { command.p1 == 0x80 || $0.aid.starts(with: criterion.value) }
        guard !found.isEmpty else {
            statusRest = nil
            return .status(0x6A88)
        }
        let tags = criteria.first { $0.tag == 0x5C }?.value
        return paged(found.map { isLegacy ? $0.legacy(withModules: command.p1 == 0x10) : $0.encoded(tags) })
    }

    private mutating func paged(_ list: [Bytes]) -> Answer {
        var data = Bytes()
        var taken = 0
        while taken < list.count, data.isEmpty || data.count + list[taken].count <= Self.page {
            data += list[taken]
            taken += 1
        }
        statusRest = taken < list.count ? Array(list[taken...]) : nil
        return Answer(data, status: statusRest == nil ? 0x9000 : 0x6310)
    }

    private func entries(_ scope: UInt8) -> [Entry]? {
        switch scope {
        case 0x80:
            return [
                Entry(aid: Self.issuerAID, state: life.rawValue, privileges: Self.issuerPrivileges, rest: [])
            ]
        case 0x40:
            return instances.map { instance in
                Entry(
                    aid: instance.aid, state: instance.state, privileges: instance.privileges,
                    rest: [TLV(0xC4, instance.loadFile), TLV(0xCC, instance.securityDomain)])
            }
        case 0x20, 0x10:
            return loadFiles.map { file in
                let modules = scope == 0x10 ? file.modules.map { TLV(0x84, $0) } : []
                return Entry(
                    aid: file.aid, state: 0x01, privileges: [],
                    rest: [TLV(0xCE, file.version)] + modules + [TLV(0xCC, file.securityDomain)], modules: file.modules)
            }
        default: return nil
        }
    }

    static let issuerPrivileges: Bytes = [0x9E, 0xFE, 0x80]
}

extension Array where Element == UInt8 {
    fileprivate func contains(subsequence: Bytes) -> Bool {
        guard count >= subsequence.count else { return false }
        return (0...(count - subsequence.count)).contains {
            self[$0..<$0 + subsequence.count].elementsEqual(subsequence)
        }
    }
}
