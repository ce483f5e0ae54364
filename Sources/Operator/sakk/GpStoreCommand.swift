import ArgumentParser
import Catalog
import Foundation
import GlobalPlatform
import Ground
import SmartCard

struct GpStoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "STORE DATA to a security domain or, with --instance, to an application.",
        discussion: """
            A file of data groupings has one on a line: identifier and value in hexadecimal, as in `0101 6F05...`; # begins \
            a comment. Identifiers named with --encrypted are encrypted under the data encryption key.
            """)

    @Option(help: "Application that gets the data (INSTALL [for personalization]).") var instance: String?
    @Option(help: "BER-TLV objects in hexadecimal.") var tlv: String?
    @Option(help: "Data of no structure in hexadecimal.") var data: String?
    @Option(help: "File of data groupings.") var dgi: String?
    @Option(help: "Identifiers of encrypted groupings, separated by commas.") var encrypted = ""
    @Option(help: "How an encrypted value becomes whole blocks: iso9797, zeros or none.") var padding = StoreData
        .Padding.iso9797
    @Option(help: "P1 for --data, in hexadecimal (bit 8 is set by itself).") var p1 = "00"
    @Option(help: "Bytes of a block at most.") var block: Int?
    @OptionGroup var readers: GpReaderOptions
    @OptionGroup var keyOptions: GpKeyOptions

    func validate() throws {
        guard [tlv, data, dgi].count(where: { $0 != nil }) == 1 else {
            throw ValidationError("one of --tlv, --data and --dgi")
        }
        guard (1...255).contains(block ?? 255) else { throw ValidationError("--block is 1 to 255") }
    }

    private func groupings() throws -> [StoreData.Grouping] {
        guard let dgi else { return [] }
        guard let bytes = FileBytes.read(dgi) else {
            throw SakkError(
                "file.missing", source: dgi, text: "The file of groupings cannot be read.",
                remedy: "Check the path and the permissions.")
        }
        let sealed = Set(encrypted.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces).uppercased() })
        var list: [StoreData.Grouping] = []
        for (number, line) in String(decoding: bytes, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false
        )
        .enumerated() {
            let words = line.prefix { $0 != "#" }.split(separator: " ").map(String.init)
            guard let first = words.first else { continue }
            guard let id = Bytes(hex: first), id.count == 2, let value = Bytes(hex: words.dropFirst().joined()) else {
                throw SakkError(
                    "file.malformed", source: "\(dgi):\(number + 1)",
                    text: "A line has an identifier of two bytes and a value, both in hexadecimal.",
                    remedy: "Correct the line.")
            }
            let identifier = UInt16(id[0]) << 8 | UInt16(id[1])
            list.append(StoreData.Grouping(identifier, value, isEncrypted: sealed.contains(id.hex)))
        }
        guard !list.isEmpty else { throw ValidationError("\(dgi) has no groupings") }
        return list
    }

    func run() async throws {
        let (options, keys, level) = (keyOptions, try keyOptions.keys(), try keyOptions.securityLevel())
        let list = try groupings()
        let raw = try (tlv ?? data).map { try GpHex.bytes($0, tlv == nil ? "--data" : "--tlv") }
        let target = try instance.map { try GpHex.aid($0, "--instance") }
        let mode = tlv != nil ? StoreData.tlvFormat : try GpHex.bytes(p1, "--p1").first ?? 0
        let (padding, block) = (padding, block)
        try await readers.run("sakk.gp-store/1") { (card) throws(SakkError) in
            let secure = try card.open(options, keys, level: level)
            let manager = CardManager(secure)
            let size = min(block ?? 255, manager.blockSize(cardLimit: card.commandLimit))
            let commands =
                if let raw {
                    StoreData.raw(raw, p1: mode, blockSize: size)
                } else {
                    try StoreData.groupings(list, padding: padding, through: secure, blockSize: size)
                }
            let answers = try manager.store(commands, in: target)
            var result = GpResult()
            let bytes = commands.reduce(0) { $0 + $1.data.count }
            result.lines.append(
                "Stored \(bytes) bytes in \(commands.count) commands" + (target.map { " to \($0.hex)" } ?? ""))
            for answer in answers where !answer.isEmpty { result.lines.append("  \(answer.hex)") }
            result.json["commands"] = .integer(Int64(commands.count))
            result.json["bytes"] = .integer(Int64(bytes))
            return result
        }
    }
}

struct GpAPDUCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apdu",
        abstract: "Sends commands as they are, or with --secure through a secure channel, and prints the answers.",
        discussion: "The security domain is selected before; the first refusal ends the list.")

    @Argument(help: "Commands in hexadecimal.") var commands: [String]
    @Flag(help: "Through a secure channel.") var secure = false
    @Flag(help: "Go on after a status word that is no success.") var keepGoing = false
    @OptionGroup var readers: GpReaderOptions
    @OptionGroup var keyOptions: GpKeyOptions

    private func parsed() throws -> [APDUCommand] {
        var list: [APDUCommand] = []
        for text in commands {
            guard let command = APDUCommand(encoded: try GpHex.bytes(text, "a command")) else {
                throw ValidationError("\(text): the lengths of this command do not fit (ISO/IEC 7816-4 5.1)")
            }
            // a channel can be opened only by the program: by hand it would count against the card
            guard command.ins != 0x82 || command.cla & 0x84 != 0x84 else {
                throw ValidationError("EXTERNAL AUTHENTICATE is sent by --secure alone, after the card proved its keys")
            }
            list.append(command)
        }
        return list
    }

    func run() async throws {
        let list = try parsed()
        let options = keyOptions
        let keys = secure ? try keyOptions.keys() : nil
        let (level, keepGoing) = (try keyOptions.securityLevel(), keepGoing)
        try await readers.run("sakk.gp-apdu/1") { (card) throws(SakkError) in
            let channel: any CardChannel =
                if let keys { try card.open(options, keys, level: level) } else { card.channel }
            var result = GpResult()
            var answers: [JSONValue] = []
            for command in list {
                let answer = try channel.transmit(command)
                result.lines.append(
                    "\(command.header) -> \(answer.data.isEmpty ? "" : answer.data.hex + " ")\(answer.status)")
                answers.append([
                    "command": .string(command.header), "data": .string(answer.data.hex),
                    "sw": .string(BigEndian.bytes(answer.status.rawValue).hex),
                ])
                guard answer.status.isSuccess || keepGoing else {
                    result.failure = SakkError.refused(answer.status, step: "the command", header: command.header)
                    result.failure?.remedy = "With --keep-going the other commands are sent all the same."
                    break
                }
            }
            result.json["answers"] = .array(answers)
            return result
        }
    }
}
