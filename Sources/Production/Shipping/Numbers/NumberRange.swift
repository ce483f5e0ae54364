public import Ground
public import Stations

/// A range of item numbers that the post gave to this plant, for some routes.
public struct S10Range: Sendable, Hashable {
    public let id: String
    public let service: String
    public let country: String
    public let serials: ClosedRange<Int>
    public let routes: [ApprovedRecord.DeliveryRoute]

    public init(
        id: String, service: String, country: String, serials: ClosedRange<Int>, routes: [ApprovedRecord.DeliveryRoute]
    ) {
        self.id = id
        self.service = service
        self.country = country
        self.serials = serials
        self.routes = routes
    }

    public func contains(_ number: S10) -> Bool {
        number.service == service && number.country == country && serials.contains(number.serial)
    }

    /// The number after the last one that was given out; nil stands for none yet. `shipping.numbers.exhausted` at the
    /// end of the range: it never begins again.
    public func next(after last: S10?) throws(SakkError) -> S10 {
        let serial = last.map { max($0.serial + 1, serials.lowerBound) } ?? serials.lowerBound
        guard serial <= serials.upperBound, let number = S10(service: service, serial: serial, country: country) else {
            throw Refusal.numbersExhausted.error(id)
        }
        return number
    }
}

/// A range of container numbers under the plant's GS1 company prefix.
public struct SSCCRange: Sendable, Hashable {
    public let id: String
    public let extensionDigit: Int
    public let prefix: String
    public let serials: ClosedRange<Int>
    public let kinds: [ContainerKind]

    public init(
        id: String, extensionDigit: Int, prefix: String, serials: ClosedRange<Int>, kinds: [ContainerKind]
    ) {
        self.id = id
        self.extensionDigit = extensionDigit
        self.prefix = prefix
        self.serials = serials
        self.kinds = kinds
    }

    public func contains(_ number: SSCC) -> Bool { serial(of: number).map(serials.contains) ?? false }

    /// As in `S10Range`.
    public func next(after last: SSCC?) throws(SakkError) -> SSCC {
        let used = last.flatMap { self.serial(of: $0) }
        let next = used.map { max($0 + 1, serials.lowerBound) } ?? serials.lowerBound
        guard next <= serials.upperBound,
            let number = SSCC(extensionDigit: extensionDigit, prefix: prefix, serial: next)
        else { throw Refusal.numbersExhausted.error(id) }
        return number
    }

    func serial(of number: SSCC) -> Int? {
        let head = "\(extensionDigit)" + prefix
        guard number.digits.hasPrefix(head) else { return nil }
        return Int(number.digits.dropFirst(head.utf8.count).dropLast())
    }
}
