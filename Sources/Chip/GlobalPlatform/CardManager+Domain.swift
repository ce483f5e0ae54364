public import Ground
public import SmartCard

/// The security domain that commands go to.
public struct SelectedDomain: Sendable {
    /// As its FCI names it, or as it was asked for; nil when the card named none.
    public let aid: Bytes?
    public let fci: Bytes
    public let isLocked: Bool
    /// `9F65`, the longest command data that the domain takes.
    public let commandLimit: Int?
    /// What the card answered to SELECT where it knows no way to select a domain: commands go to what it selects by itself.
    public let refusal: StatusWord?
}

extension CardManager {
    /// Names of issuer security domains (GPCS 2.3.1 H.1, and those of older cards); the empty one is the default application's.
    private static let domains = ["A000000151000000", "A000000003000000", "A0000001510000", ""]

    /// Selects `name`, or the issuer security domain under any of the usual names. Cards without SELECT by name, or with one of
    /// their own (6A86, 6D00, 6E00 and others than "not found"), are taken as they woke up: INITIALIZE UPDATE tells then
    /// whether a security domain is selected by default. Nil when the card has none of the names. A `name` of the caller's own is
    /// never exchanged for another: its refusal is thrown.
    public func selectDomain(_ name: Bytes?) throws(SakkError) -> SelectedDomain? {
        if let name { return try select(name).map { SelectedDomain($0, asked: name) } }
        var refusal: StatusWord?
        for candidate in Self.domains.compactMap({ Bytes(hex: $0) }) {
            do throws(SakkError) {
                if let found = try select(candidate) { return SelectedDomain(found, asked: candidate) }
            } catch {
                guard error.code == "chip.refused", let word = error.native.flatMap({ UInt16($0.value, radix: 16) })
                else { throw error }
                refusal = StatusWord(rawValue: word)
            }
        }
        guard let refusal else { return nil }
        return SelectedDomain(aid: nil, fci: [], isLocked: false, commandLimit: nil, refusal: refusal)
    }
}

extension SelectedDomain {
    /// An FCI is 6F, on some cards 62, and on some more stands behind it; what has neither form tells nothing.
    fileprivate init(_ selection: CardManager.Selection, asked: Bytes) {
        let objects = TLV.parse(selection.fci).map { [$0] } ?? TLV.parseAll(selection.fci) ?? []
        let information = objects.first { [0x6F, 0x62].contains($0.tag) }
        let named = information?.first(0x84)?.value ?? []
        let longest = information?.first(0xA5)?.first(0x9F65).flatMap { BigEndian.unsigned($0.value) }
        self.init(
            aid: !named.isEmpty ? named : asked.isEmpty ? nil : asked, fci: selection.fci,
            isLocked: selection.isLocked, commandLimit: longest.flatMap { Int(exactly: $0) }, refusal: nil)
    }
}
