import ArgumentParser
import Catalog
import Connectors
import Ground
import Ledger
import Records
import Stations

/// `sakk batch publish`: signed status files, void numbers and events for those who gave the batches.
struct BatchPublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "Brings out the status of batches, void numbers, and an event for each.",
        discussion: "Only what changed since the last time. It may be ended and started at any moment.")

    @OptionGroup var options: LineOptions
    @Option(help: "What goes out, and where (YAML).") var outgoing: String
    @Flag(help: "Ends when everything is out; exit code 1 when an event was refused for good.") var once = false

    func run() async throws {
        let profile = try options.profile()
        let product = try ProductProfile(folder: profile.profile)
        let configuration = try OutgoingConfiguration(path: outgoing)
        let verifier = RecordVerifier(trust: try Certificates.read(all: profile.trust.approval))
        let books = try await options.openLedger(profile)
        let publisher = Publisher(books: books, configuration: configuration, verification: verifier) { record in
            product.numberSpace(record)
        }
        if once {
            let count = try await publish(publisher)
            if count.parked > 0 || !count.untold.isEmpty { throw Exit.rejected }
            return
        }
        while true {
            do throws(SakkError) {
                _ = try await publish(publisher)
            } catch {
                guard error.code == "webhook.undelivered" || error.code == "ledger.busy" else { throw error }
                Words.say("sakk: \(error.text) [\(error.code)] \(error.remedy)")
            }
            try await Task.sleep(for: .milliseconds(configuration.everyMilliseconds))
        }
    }

    private func publish(_ publisher: Publisher) async throws(SakkError) -> PublishCount {
        let count = try await publisher.publish { event, failure in
            Words.say("event \(event.number) is parked: \(failure.text) [\(failure.code)] \(failure.remedy)")
        }
        Words.say(
            "\(count.statuses) status files, \(count.voidNumbers) void numbers, \(count.delivered) events delivered")
        for production in count.untold {
            Words.say("\(production): its number is void and its record is forgotten: tell the authority yourself")
        }
        return count
    }
}
