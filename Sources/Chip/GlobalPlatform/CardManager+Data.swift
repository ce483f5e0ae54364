public import Ground
import OpenSSLCrypto
internal import SmartCard

/// What a security domain tells of itself: GET DATA (GPCS 2.3.1 11.3).
extension CardManager {
    /// GET DATA of one object, with its tag and length as CLA 80 gives it, or 00 on a card that knows no other; nil when the card
    /// has none (6A88, 6A86, 6D00, 6A81) or knows neither class.
    public func data(_ tag: UInt16) throws(SakkError) -> Bytes? {
        var command = APDUCommand(0x80, 0xCA, UInt8(tag >> 8), UInt8(tag & 0xFF), le: 256)
        var response = try channel.transmit(command)
        if response.status == .classNotSupported {
            command.cla = 0x00
            response = try channel.transmit(command)
        }
        switch response.status {
        case .success: return response.data
        case .referencedDataNotFound, .incorrectParameters, .functionNotSupported, .instructionNotSupported,
            .conditionsNotSatisfied, .securityStatusNotSatisfied, .fileNotFound, .wrongData, .classNotSupported:
            return nil
        default: throw .refused(response.status, step: "GET DATA", header: command.header)
        }
    }

    /// The value inside an object of `data(_:)`, whether the card sent tag and length or only the value.
    private func value(_ tag: UInt16) throws(SakkError) -> Bytes? {
        guard let bytes = try data(tag) else { return nil }
        guard let object = TLV.parse(bytes), object.tag == UInt32(tag) else { return bytes }
        return object.value
    }

    /// GET DATA 9F7F, with CLA 80 and, for cards that want it, 00.
    public func cplc() throws(SakkError) -> CPLC {
        var command = APDUCommand(0x80, 0xCA, 0x9F, 0x7F, le: 256)
        var response = try channel.transmit(command)
        if response.status == .classNotSupported {
            command.cla = 0x00
            response = try channel.transmit(command)
        }
        guard response.status.isSuccess else {
            throw .refused(response.status, step: "GET DATA (CPLC)", header: command.header)
        }
        guard let cplc = CPLC(response: response.data) else { throw .malformed("GET DATA (CPLC)") }
        return cplc
    }

    public func keyInformation() throws(SakkError) -> [KeyInformation] {
        let command = APDUCommand(0x80, 0xCA, 0x00, 0xE0, le: 256)
        let data = try channel.expectSuccess(command, step: "GET DATA (key information)")
        guard let keys = KeyInformation.parse(data) else { throw .malformed("GET DATA (key information)") }
        return keys
    }

    /// What the card's keys are derived from (10 bytes), by one INITIALIZE UPDATE with the selected domain: changes nothing,
    /// counts nothing. Nil when the card refuses it.
    public func diversificationData(keyVersion: UInt8 = 0) throws(SakkError) -> Bytes? {
        do throws(SakkError) {
            let card = try SecureChannel.initializeUpdate(
                on: channel, keyVersion: keyVersion, challenge: try RandomSource.bytes(8))
            return card.kdd
        } catch {
            guard error.code.rawValue.hasPrefix("chip.refused") || error.code == "chip.keys.missing" else {
                throw error
            }
            return nil
        }
    }

    /// The life of a card that SELECT says is locked (6283): a terminated one answers GET DATA only (GPCS 2.3.1 5.1.1.5), so
    /// INITIALIZE UPDATE tells them apart. Nil when its answer means something else.
    public func isTerminated() throws(SakkError) -> Bool? {
        let command = APDUCommand(0x80, 0x50, 0x00, 0x00, data: try RandomSource.bytes(8), le: 256)
        switch try channel.transmit(command).status {
        case .success, .referencedDataNotFound: return false
        case .conditionsNotSatisfied, .instructionNotSupported, .functionNotSupported: return true
        default: return nil
        }
    }

    /// Card recognition data (0066): which secure channels the card offers. Nil when it has none or it is malformed.
    public func recognition() throws(SakkError) -> CardRecognition? {
        try data(0x0066).flatMap(CardRecognition.init)
    }

    /// Issuer identification number (0042) and card image number (0045), each where the card has one.
    public func issuerIdentification() throws(SakkError) -> Bytes? { try value(0x0042) }
    public func cardImageNumber() throws(SakkError) -> Bytes? { try value(0x0045) }

    /// Sequence counter of the default key version (00C1); SCP02 and SCP03 with pseudo-random challenges.
    public func sequenceCounter() throws(SakkError) -> UInt64? { try value(0x00C1).flatMap(BigEndian.unsigned) }

    /// Extended card resources (FF21, ETSI TS 102 226 8.2.1.7.2).
    public func resources() throws(SakkError) -> CardResources? { try data(0xFF21).flatMap(CardResources.init) }
}

/// Free memory of a card: FF21 { 81 applications, 82 non-volatile bytes, 83 volatile bytes }.
public struct CardResources: Sendable, Equatable {
    public let applications: Int
    public let freeNonVolatile: Int
    public let freeVolatile: Int

    init?(_ bytes: Bytes) {
        guard let fields = TLV.parse(bytes)?.children ?? TLV.parseAll(bytes) else { return nil }
        func number(_ tag: UInt32) -> Int? {
            fields.first { $0.tag == tag }.flatMap { BigEndian.unsigned($0.value) }.flatMap(Int.init(exactly:))
        }
        guard let applications = number(0x81), let nonVolatile = number(0x82), let volatile = number(0x83) else {
            return nil
        }
        self.applications = applications
        freeNonVolatile = nonVolatile
        freeVolatile = volatile
    }
}
