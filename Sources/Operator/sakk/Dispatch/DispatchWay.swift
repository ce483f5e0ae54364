import ArgumentParser
import Ground
import Ledger
import OpenSSLCrypto
import Shipping
import Stations

struct DispatchHandOverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hand-over", abstract: "A closed consignment leaves with its carrier.",
        discussion: "As many different people sign as the route asks for: two for an embassy pouch.")
    @OptionGroup var options: DispatchOptions
    @Option(help: "Who takes it: courier run, vehicle, pouch.") var carrier: String
    @Option(name: .customLong("signature"), help: "Who signs; once for each.") var signatures: [String] = []
    @Argument(help: "The consignment.") var consignment: String

    func run() async throws {
        let table = try await options.table()
        let number = try await table.container(consignment, for: "dispatch")
        try await table.desk.perform(
            .dispatch(.container(number), carrier: carrier, signatures: signatures), by: options.person)
        let manifest = try await table.desk.manifest(number)
        options.say(
            [
                "act": "hand_over", "number": .string(number.digits), "carrier": .string(carrier),
                "documents": .integer(Int64(manifest.documents)),
            ], "Consignment \(number) with \(manifest.documents) documents left with \(carrier).")
    }
}

struct DispatchArriveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "arrive", abstract: "A bag, then each of its boxes, is scanned in at its place.")
    @OptionGroup var options: DispatchOptions
    @Option(help: "The place's id.") var at: String
    @Option(help: "The seal that is on the bag.") var seal: String?
    @Option(name: .customLong("signature"), help: "Who signs; once for each.") var signatures: [String] = []
    @Argument(help: "The bag or box.") var number: String

    func run() async throws {
        let table = try await options.table()
        let container = try await table.container(number, for: "arrive")
        try await table.desk.perform(
            .arrive(.container(container), at: PlaceID(at), seal: seal, signatures: signatures), by: options.person)
        options.say(
            ["act": "arrive", "number": .string(container.digits), "place": .string(at)],
            "\(container) arrived at \(at).")
    }
}

struct DispatchReceiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receive", abstract: "Envelopes are taken out of an arrived box at their place.")
    @OptionGroup var options: DispatchOptions
    @Option(help: "The place's id.") var at: String
    @Argument(help: "The envelopes.") var envelopes: [String]

    func run() async throws {
        let table = try await options.table()
        for text in envelopes {
            let envelope = try await table.scan(text, for: "receive")
            try await table.desk.perform(.receive(envelope, at: PlaceID(at)), by: options.person)
        }
        options.say(
            ["act": "receive", "place": .string(at), "count": .integer(Int64(envelopes.count))],
            "\(envelopes.count) envelopes are at \(at).")
    }
}

struct DispatchOutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "out", abstract: "A courier takes an envelope to its addressee.")
    @OptionGroup var options: DispatchOptions
    @Option(help: "The courier.") var courier: String
    @Argument(help: "The envelope.") var envelope: String

    func run() async throws {
        let table = try await options.table()
        let scan = try await table.scan(envelope, for: "hand_out")
        try await table.desk.perform(.handOut(scan, courier: courier), by: options.person)
        options.say(
            ["act": "out", "envelope": .string(scan.description), "courier": .string(courier)],
            "\(scan) is with \(courier).")
    }
}

struct DispatchCodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "code", abstract: "Makes the one-time code, or with --key the QR, that the addressee shows.",
        discussion: "It is printed once, to be sent to the addressee. The books keep a keyed tag, not the code.")
    @OptionGroup var options: DispatchOptions
    @OptionGroup var key: DispatchKey
    @Argument(help: "The envelope.") var envelope: String

    func run() async throws {
        let table = try await options.table()
        let scan = try await table.scan(envelope, for: "send_code")
        if let signer = try key.signer() {
            let parcel = try await table.desk.find(scan)
            guard let number = parcel.envelope else { throw Refusal.envelopeEmpty.error(scan) }
            let hours = Int64(try table.desk.plan.rule(parcel.address.route).codeHours)
            let expires = WallTime(microseconds: SystemTime().wall().microseconds + hours * 3_600_000_000)
            let token = try HandoverToken(envelope: number, expires: expires).signed(by: signer)
            print(
                options.json
                    ? JSONValue.object(["qr": .string(token.text)]).document(schema: "sakk.dispatch-act/1") : token.text
            )
            return
        }
        let code = try await table.desk.sendCode(scan, by: options.person)
        print(options.json ? JSONValue.object(["code": .string(code)]).document(schema: "sakk.dispatch-act/1") : code)
    }
}

struct DispatchDeliverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliver", abstract: "The envelope is handed to its addressee, against a proof.")
    @OptionGroup var options: DispatchOptions
    @Option(help: "The one-time code that the addressee said.") var code: String?
    @Option(help: "The QR that the addressee showed; with --trust.") var qr: String?
    @Option(help: "Certificate (PEM) of the key that signed the QR.") var trust: [String] = []
    @Option(help: "The clerk who compared the addressee, at the place itself.") var clerk: String?
    @Argument(help: "The envelope.") var envelope: String

    func validate() throws {
        guard [code, qr, clerk].count(where: { $0 != nil }) == 1, qr == nil || !trust.isEmpty else {
            throw ValidationError("Give one of --code, --qr (with --trust) and --clerk.")
        }
    }

    func run() async throws {
        let table = try await options.table()
        let scan = try await table.scan(envelope, for: "deliver")
        if let code {
            try await table.desk.deliver(scan, code: code, by: options.person)
        } else if let qr {
            let keys = try Certificates.read(all: trust).compactMap { PublicKey(info: $0.publicKeyInfo) }
            let token: HandoverToken
            do throws(SakkError) {
                token = try HandoverToken.open(qr, keys: keys)
            } catch {
                try await table.books.refused(
                    ScanNote(act: "deliver", items: [scan.description]), error, by: options.person)
                throw error
            }
            try await table.desk.perform(.deliver(scan, .qr(token)), by: options.person)
        } else if let clerk {
            try await table.desk.perform(.deliver(scan, .desk(clerk: clerk)), by: options.person)
        }
        options.say(
            ["act": "deliver", "envelope": .string(scan.description), "state": "delivered"],
            "\(scan) is in its holder's hands.")
    }
}

struct DispatchFailedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failed", abstract: "The courier did not meet the addressee; the envelope is back at its place.")
    @OptionGroup var options: DispatchOptions
    @Option(help: "absent, wrong_address, refused, deceased, damaged or not_collected.") var reason: String
    @Argument(help: "The envelope.") var envelope: String

    func run() async throws {
        let table = try await options.table()
        let scan = try await table.scan(envelope, for: "fail")
        try await table.desk.perform(.fail(scan, try table.reason(reason)), by: options.person)
        options.say(
            ["act": "failed", "envelope": .string(scan.description), "reason": .string(reason)],
            "\(scan) is back: \(reason).")
    }
}
