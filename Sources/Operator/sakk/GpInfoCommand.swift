import ArgumentParser
import Foundation
import GlobalPlatform
import Ground
import SmartCard

struct GpInfoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "What a card tells of itself without any key.")

    @OptionGroup var readers: GpReaderOptions

    func run() async throws {
        let today = SystemTime().wall().date
        try await readers.run("sakk.gp-info/1") { (card) throws(SakkError) in try GpInfoCommand.read(card, today: today)
        }
    }

    static func read(_ card: GpCard, today: CivilDate) throws(SakkError) -> GpResult {
        var result = GpResult()
        func add(_ key: String, _ label: String, _ value: String?) {
            guard let value else { return }
            result.json[key] = .string(value)
            result.lines.append("\(label.padding(toLength: 18, withPad: " ", startingAt: 0))\(value)")
        }
        add("uid", "UID", try uid(card))
        add("domain", "Security domain", card.domain?.hex)
        if let refusal = card.refusal {
            let word = BigEndian.bytes(refusal.rawValue).hex
            add("select_refused", "SELECT refused", "\(word); taken as it woke up, with what it selects by itself")
        }
        if card.isLocked {
            switch try card.manager.isTerminated() {
            case true?: add("state", "State", "TERMINATED")
            case false?: add("state", "State", "CARD_LOCKED")
            case nil: add("state", "State", "CARD_LOCKED or TERMINATED")
            }
        }
        add("identity", "Identity", card.identity?.rawValue)
        if let cplc = try? card.manager.cplc() { describe(cplc, today, &result) }
        add("iin", "Issuer (IIN)", try card.manager.issuerIdentification()?.hex)
        add("cin", "Card image (CIN)", try card.manager.cardImageNumber()?.hex)
        if let protocols = card.recognition?.protocols {
            result.json["secure_channels"] = .array(
                protocols.map { ["scp": .integer(Int64($0.scp)), "i": .string([$0.options].hex)] })
            let words = protocols.map { "SCP\([$0.scp].hex) i=\([$0.options].hex)" }.joined(separator: ", ")
            result.lines.append("Secure channels   \(words)")
        }
        if let limit = card.commandLimit {
            result.json["command_data_bytes"] = .integer(Int64(limit))
            result.lines.append("Command data      at most \(limit) bytes")
        }
        if let count = try card.manager.sequenceCounter() {
            result.json["sequence_counter"] = .integer(Int64(clamping: count))
            result.lines.append("Sequence counter  \(count)")
        }
        if let resources = try card.manager.resources() {
            result.json["resources"] = [
                "applications": .integer(Int64(resources.applications)),
                "free_non_volatile_bytes": .integer(Int64(resources.freeNonVolatile)),
                "free_volatile_bytes": .integer(Int64(resources.freeVolatile)),
            ]
            result.lines.append(
                "Free memory       \(resources.freeNonVolatile) bytes, \(resources.freeVolatile) volatile; "
                    + "\(resources.applications) applications")
        }
        add("capabilities", "Capabilities", try card.manager.data(0x0067)?.hex)
        GpKeysCommand.describe(try? card.manager.keyInformation(), &result)
        return result
    }

    /// The number of a contactless card, where the reader tells one (PC/SC part 3).
    private static func uid(_ card: GpCard) throws(SakkError) -> String? {
        let answer = try card.channel.transmit(APDUCommand(0xFF, 0xCA, 0x00, 0x00, le: 256))
        return answer.status.isSuccess && !answer.data.isEmpty ? answer.data.hex : nil
    }

    private static func describe(_ cplc: CPLC, _ today: CivilDate, _ result: inout GpResult) {
        func date(_ field: Bytes) -> String { CPLC.date(field, notAfter: today)?.iso8601 ?? field.hex }
        let fields: [(String, String, String)] = [
            ("ic_fabricator", "IC fabricator", cplc.icFabricator.hex), ("ic_type", "IC type", cplc.icType.hex),
            ("fabrication_date", "IC made", date(cplc.fabricationDate)), ("serial", "IC serial", cplc.serial.hex),
            ("batch", "IC batch", cplc.batch.hex), ("operating_system", "OS", cplc.operatingSystem.hex),
            ("operating_system_date", "OS released", date(cplc.operatingSystemDate)),
            ("operating_system_level", "OS level", cplc.operatingSystemLevel.hex),
            ("module_fabricator", "Module maker", cplc.moduleFabricator.hex),
            ("module_packaging_date", "Module made", date(cplc.modulePackagingDate)),
            ("icc_manufacturer", "Card maker", cplc.iccManufacturer.hex),
            ("pre_personalizer", "Pre-personaliser", cplc.prePersonalizer.hex),
            ("personalizer", "Personaliser", cplc.personalizer.hex),
            ("personalization_date", "Personalised", date(cplc.personalizationDate)),
        ]
        result.json["cplc"] = .object(Dictionary(uniqueKeysWithValues: fields.map { ($0.0, .string($0.2)) }))
        for (_, label, value) in fields where !value.allSatisfy({ $0 == "0" }) {
            result.lines.append("\(label.padding(toLength: 18, withPad: " ", startingAt: 0))\(value)")
        }
    }
}
