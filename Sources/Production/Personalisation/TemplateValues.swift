import Catalog
import Ground
import LDS
import Stations

/// What the places of a dialect's templates are filled with.
struct TemplateValues {
    /// By name; nothing secret.
    var values: [String: Bytes]
    let secrets: ChipKeys.Secrets
    /// Pads and encrypts the value of a sealed grouping; nil without a secure channel.
    var seal: ((Bytes) throws(SakkError) -> Bytes)?

    init(job: ChipJob, document: ChipDocument) {
        let access = job.access
        let number = Bytes(access.documentNumber.utf8)
        let filled = number + Bytes(repeating: UInt8(ascii: "<"), count: max(0, 9 - number.count))
        func checked(_ text: Bytes) -> Bytes {
            text + Bytes(String(CheckDigit.of(String(decoding: text, as: UTF8.self)) ?? "<").utf8)
        }
        values = [
            "document_number": number, "document_number_filled": filled,
            "date_of_birth": Bytes(access.dateOfBirth.utf8), "date_of_expiry": Bytes(access.dateOfExpiry.utf8),
            "mrz_information": checked(filled) + checked(Bytes(access.dateOfBirth.utf8))
                + checked(Bytes(access.dateOfExpiry.utf8)),
        ]
        if let can = job.cardAccessNumber { values["can"] = Bytes(can.digits.utf8) }
        if let key = document.activeAuthentication {
            values["aa.parameter"] = BigEndian.bytes(UInt16(key.parameter))
        }
        if let key = document.chipAuthentication {
            values["ca.parameter"] = [UInt8(key.parameter)]
            values["ca.key_id"] = [key.keyID]
        }
        if let authority = job.fingerAuthority { values["ta.authority"] = authority }
        secrets = job.keys?.secrets ?? [:]
    }

    /// The bytes of a template. What secrets they hold the caller wipes.
    func fill(_ template: CommandTemplate) throws(SakkError) -> Bytes {
        var output = Bytes()
        // an array that grows would leave copies of a secret behind
        output.reserveCapacity(8192)
        try append(template.parts, to: &output)
        return output
    }

    private func append(_ parts: [CommandTemplate.Part], to output: inout Bytes) throws(SakkError) {
        for part in parts {
            switch part {
            case .bytes(let bytes): output += bytes
            case .variable(let name): try append(name, to: &output)
            case .object(let tag, let inner):
                var value = try fill(CommandTemplate(parts: inner))
                output += TLV.tagBytes(tag) + TLV.lengthBytes(value.count)
                output += value
                value.wipeSecret()
            case .grouping(let identifier, let isSealed, let inner):
                var value = try fill(CommandTemplate(parts: inner))
                if isSealed {
                    guard let seal else { throw Self.missing("a secure channel") }
                    let sealed = try seal(value)
                    value.wipeSecret()
                    value = sealed
                }
                try append([identifier], to: &output)
                output += value.count < 0xFF ? [UInt8(value.count)] : [0xFF] + BigEndian.bytes(UInt16(value.count))
                output += value
                value.wipeSecret()
            }
        }
    }

    private func append(_ name: String, to output: inout Bytes) throws(SakkError) {
        if let value = values[name] {
            output += value
        } else if let secret = secrets[name] {
            secret.withBytes { output.append(contentsOf: $0) }
        } else {
            throw Self.missing("{\(name)}")
        }
    }

    private static func missing(_ name: String) -> SakkError {
        SakkError(
            "chip.value.missing", source: "chip", text: "The dialect asks for \(name), which this document has not.",
            remedy: "Correct the chip profile or its dialect.")
    }
}

extension Bytes {
    /// Overwrites bytes that may hold a secret, and lets them go.
    mutating func wipeSecret() { _ = SecretBytes(wiping: &self) }
}
