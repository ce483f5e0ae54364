import ArgumentParser
import Foundation
import Glibc
import PlantWorld

/// Only readers and cards: what somebody who works on chips needs of a plant.
struct ReadersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "readers",
        abstract: "Makes a world of card readers alone and runs until SIGTERM; DIR/plant.env appears when it is ready.",
        discussion: "Cards are laid in by `sakk-plant card`, programs run in it by `sakk-plant exec`.")

    @Option(help: "Folder of this world: control socket, plant.env, logs.") var dir: String
    @Option(help: "Readers, 2 to 16, an even number.") var count = 2

    func run() throws {
        let folder = try Launch.folder(dir)
        for tool in ["unshare", "nsenter", "setpriv", "ip"] { try Launch.need(tool) }
        try Launch.clear(folder)
        try Launch.tryNamespaces()
        let script = """
            ip link set lo up && mkdir -p /run/pcscd && mount -t tmpfs tmpfs /run/pcscd || {
                echo "sakk-plant: the world's loopback or /run/pcscd cannot be set up; it needs root" >&2
                exit 3
            }
            exec "$@"
            """
        try Launch.replace([
            "unshare", "-m", "-n", "sh", "-c", script, "sakk-plant", try Launch.ownPath(), "serve-readers", "--dir",
            folder, "--count", String(count),
        ])
    }
}

struct ServeReaders: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve-readers", abstract: "What `readers` runs inside the namespaces.", shouldDisplay: false)

    @Option var dir: String
    @Option var count: Int

    func run() throws {
        Serve.blockSignals()
        let bench = try CardBench(directory: dir, readers: count)
        SakkPlant.say("sakk-plant: ready in \(dir)")
        Serve.waitForSignal()
        bench.stop()
        SakkPlant.say("sakk-plant: ended")
        Glibc.exit(0)
    }
}

struct CardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "card", abstract: "Cards in the readers of `sakk-plant readers`.",
        subcommands: [CardInsert.self, CardRemove.self, CardDoes.self])
}

struct CardInsert: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "insert", abstract: "Lays a card into a reader: a new one, or by its serial one that was there.",
        discussion: """
            Words, each KEY=VALUE: serial, batch (hexadecimal), scp (02, 03), options (hexadecimal: 15 55 35 75, or \
            00 10 20 30 60 70 and 01 with it), key (master, hexadecimal), version, scheme (kdf3, visa2, visa, emv, none), \
            memory, counter, uid (hexadecimal or random), state (op_ready), status (legacy), instance (yes), cplc (hidden: not told after the lock), does \
            (as `card does`).
            """)

    @Option(help: "Folder of the world.") var dir: String
    @Argument(help: "Reader, from 1.") var reader: Int
    @Argument(help: "What kind of card.") var words: [String] = []

    func run() throws { SakkPlant.say(try ControlSocket.ask(["insert", String(reader)] + words, directory: dir)) }
}

struct CardRemove: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Takes the card out of a reader.")

    @Option(help: "Folder of the world.") var dir: String
    @Argument(help: "Reader, from 1.") var reader: Int

    func run() throws { SakkPlant.say(try ControlSocket.ask(["remove", String(reader)], directory: dir)) }
}

struct CardDoes: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "does", abstract: "Orders what the card in a reader does wrong from now on.",
        discussion: """
            good, mute, slow:MS, silent:N, lost:N (done, but the answer is lost), reset:N, sw:N:WORD, wrong-cryptogram, \
            torn-put-key:before, torn-put-key:after, worn-counter, memory-full, fingers-open, fingers-open:until-proved (by Chip \
            Authentication). N is the number of the command, 1 the next.
            """)

    @Option(help: "Folder of the world.") var dir: String
    @Argument(help: "Reader, from 1.") var reader: Int
    @Argument(help: "What it does.") var behaviour: String

    func run() throws {
        SakkPlant.say(try ControlSocket.ask(["order", String(reader), behaviour], directory: dir))
    }
}
