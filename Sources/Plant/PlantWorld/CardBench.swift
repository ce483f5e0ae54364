import Foundation
import Glibc
public import Ground
import PlantChip

/// Readers of a real pcscd with single cards and nothing else of a plant: for work on chips. Cards are made by an order, laid
/// into a reader and taken out again; a card that was taken out keeps its memory and is known by its serial number.
public final class CardBench: @unchecked Sendable {
    private struct Reader {
        let name: String
        let slot: VPCDSlot
        var card: UInt32?
    }

    /// pcscd takes 16 readers at most.
    public static let mostReaders = 16
    private static let firstPort: UInt16 = 0xA100

    private let directory: String
    private let control: ControlServer
    private var pcscd: pid_t = 0
    // requests come one after another, on the control socket's thread
    private var readers: [Reader] = []
    private var cards: [UInt32: VirtualCard] = [:]

    /// - Parameter count: readers, an even number: the driver makes two at a time.
    public init(directory: String, readers count: Int) throws(SakkError) {
        guard (2...CardBench.mostReaders).contains(count), count % 2 == 0 else {
            throw CardOrder.wrong("there are 2 to \(CardBench.mostReaders) readers, an even number")
        }
        self.directory = directory
        let ports = stride(from: 0, to: count, by: 2).map { CardBench.firstPort + UInt16($0) }
        pcscd = try ReaderService.start(directory: directory, ports: ports)
        control = try ControlServer(path: directory + "/control.sock")
        for index in 0..<count { add(index) }
        control.serve { [self] words in
            do throws(SakkError) { return (true, try answer(words)) } catch {
                return (false, "\(error.text) \(error.remedy)")
            }
        }
        let names = readers.enumerated().map { "SAKK_PLANT_READER_\($0 + 1)=\($1.name)\n" }.joined()
        try WorldFile.write(Bytes("SAKK_PLANT_PID=\(getpid())\n\(names)".utf8), to: directory + "/plant.env")
    }

    /// The name that pcscd gives: that of its configuration, the driver's number (each entry has its own) and the slot's.
    private func add(_ index: Int) {
        readers.append(
            Reader(
                name: "\(ReaderService.name(index / 2)) 00 0\(index % 2)",
                slot: VPCDSlot(port: CardBench.firstPort + UInt16(index))))
    }

    public func stop() {
        unlink(directory + "/plant.env")
        control.stop()
        for reader in readers { reader.slot.remove() }
        ReaderService.stop(pcscd)
    }

    private func answer(_ words: [String]) throws(SakkError) -> String {
        switch (words.first, words.count) {
        case ("ping", 1): return "alive"
        case ("census", _): return census()
        case ("insert", 2...): return try insert(try reader(words[1]), words.dropFirst(2))
        case ("remove", 2):
            let index = try reader(words[1])
            readers[index].slot.remove()
            readers[index].card = nil
            return "reader \(index + 1) is empty"
        case ("order", 3):
            let index = try reader(words[1])
            guard let card = readers[index].card.flatMap({ cards[$0] }) else {
                throw CardOrder.wrong("no card is in reader \(index + 1)")
            }
            card.set(behaviour: try CardOrder.behaviour(words[2]))
            return "the card in reader \(index + 1) does \(words[2])"
        default: throw CardOrder.wrong("insert, remove, order and census are known")
        }
    }

    private func reader(_ word: String) throws(SakkError) -> Int {
        guard let number = Int(word), readers.indices.contains(number - 1) else {
            throw CardOrder.wrong("a reader is a number from 1 to \(readers.count)")
        }
        return number - 1
    }

    private func insert(_ index: Int, _ pairs: ArraySlice<String>) throws(SakkError) -> String {
        var words: [String: String] = [:]
        for pair in pairs {
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw CardOrder.wrong("`\(pair)` is not KEY=VALUE") }
            words[parts[0]] = parts[1]
        }
        let order = try CardOrder(words, next: (cards.keys.max() ?? 0) + 1)
        if let old = readers.firstIndex(where: { $0.card == order.serial }) {
            throw CardOrder.wrong("card \(order.serial) is in reader \(old + 1)")
        }
        guard readers[index].card == nil else { throw CardOrder.wrong("a card is in reader \(index + 1)") }
        let isKnown = cards[order.serial] != nil
        guard !isKnown || words.count == 1 else {
            throw CardOrder.wrong("card \(order.serial) is there already, as it was made; name its serial alone")
        }
        let card = cards[order.serial] ?? VirtualCard(configuration: order.configuration)
        try readers[index].slot.insert(card)
        cards[order.serial] = card
        readers[index].card = order.serial
        return "card \(order.serial) is in reader \(index + 1), \(readers[index].name)"
    }

    private func census() -> String {
        let entries = cards.sorted { $0.key < $1.key }.map { serial, card -> JSONValue in
            let told = card.census()
            let place = readers.firstIndex { $0.card == serial }
            return [
                "serial": .integer(Int64(serial)), "reader": place.map { .integer(Int64($0 + 1)) } ?? .null,
                "state": .string(told.cardState), "instance": .bool(told.instanceInstalled),
                "cplc": .string(told.cplcHex),
            ]
        }
        return JSONValue.object(["cards": .array(entries)]).document(schema: "sakk-plant.cards/1")
    }
}
