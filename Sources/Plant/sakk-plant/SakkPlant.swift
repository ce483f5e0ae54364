import ArgumentParser
import Foundation
import Glibc
import Ground
import PlantWorld

/// The virtual plant: one physical world for a controller that must not know that it is virtual.
@main
struct SakkPlant: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sakk-plant",
        abstract: "A virtual plant: cards with chips, a USB printer, readers, a GigE camera, and a hand.",
        discussion: """
            `up` makes a world in namespaces of its own and runs until it is told to end; `exec` runs a command inside \
            it. A controller meets the plant through the real pcscd, libusb and Aravis.
            """,
        subcommands: [
            Up.self, Serve.self, ReadersCommand.self, ServeReaders.self, CardCommand.self, Exec.self, Watch.self,
            CensusCommand.self, Hand.self, FaultCommand.self, WireFault.self, PowerCut.self, Down.self,
            GadgetCommand.self, CameraCommand.self, CableCommand.self, LampCommand.self,
        ])

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let error as SakkError {
            say("sakk-plant: \(error.text)\n            \(error.remedy) [\(error.code)]")
            Glibc.exit(["plant.scenario", "plant.refused", "plant.order"].contains(error.code) ? 1 : 3)
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            say(fullMessage(for: error))
            Glibc.exit(2)
        }
    }

    static func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}

struct Up: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes a world and runs it until SIGTERM; DIR/plant.env appears when it is ready.")

    @Argument(help: "Scenario (YAML).") var scenario: String
    @Option(help: "Folder of this world: control socket, plant.env, logs.") var dir: String
    @Option(help: "Folder with stock-front.png and stock-back.png (600 dpi).") var stock: String

    func run() throws {
        let folder = try Launch.folder(dir)
        let own = try Launch.ownPath()
        for tool in ["unshare", "nsenter", "setpriv", "ip", "umockdev-wrapper"] { try Launch.need(tool) }
        let addresses = try Scenario(path: scenario).cameraAddresses
        try Launch.clear(folder)
        // Aravis serves a camera on an address that an interface has
        let more = addresses.filter { $0 != "127.0.0.1" && $0.hasPrefix("127.") }
            .map { " && ip addr add \($0)/8 dev lo" }.joined()
        let script = """
            ip link set lo up\(more) && mkdir -p /run/pcscd && mount -t tmpfs tmpfs /run/pcscd || {
                echo "sakk-plant: the world's loopback or /run/pcscd cannot be set up; it needs root" >&2
                exit 3
            }
            exec umockdev-wrapper "$@"
            """
        try Launch.tryNamespaces()
        try Launch.replace([
            "unshare", "-m", "-n", "sh", "-c", script, "sakk-plant", own, "serve", Launch.absolute(scenario), "--dir",
            folder, "--stock", Launch.absolute(stock),
        ])
    }
}

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What `up` runs inside the namespaces.", shouldDisplay: false)

    @Argument var scenario: String
    @Option var dir: String
    @Option var stock: String

    func run() throws {
        Serve.blockSignals()
        let host = try PlantHost(scenario: scenario, directory: dir, stock: stock)
        SakkPlant.say("sakk-plant: ready in \(dir)")
        Serve.waitForSignal()
        host.stop()
        SakkPlant.say("sakk-plant: ended")
        Glibc.exit(0)
    }

    private static var ending: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        return signals
    }

    /// Several threads run: signals are blocked everywhere and waited for in one place.
    static func blockSignals() {
        var signals = ending
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    static func waitForSignal() {
        var signals = ending
        var number: Int32 = 0
        sigwait(&signals, &number)
    }
}

struct Exec: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs a command inside the world, in place of this program: its pid and exit code are the command's.")

    @Option(help: "Folder of the world.") var dir: String
    @Argument(parsing: .postTerminator, help: "The command.") var command: [String]

    func run() throws {
        guard !command.isEmpty else { throw ValidationError("A command is missing: sakk-plant exec --dir DIR -- CMD") }
        let plant = try Launch.environment(dir)
        // a plant that dies ends a preloaded program without a word: somebody else must say so
        try Launch.beside([try Launch.ownPath(), "watch", "--plant", plant.pid, "--command", String(getpid())])
        let script = "cd \"$1\" && shift && exec \"$@\""
        try Launch.replace(
            ["nsenter", "-t", plant.pid, "-m", "-n", "sh", "-c", script, "sakk-plant", Launch.absolute("."), "env"]
                + plant.variables + command)
    }
}

struct Watch: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says when the plant dies while a command runs in it.", shouldDisplay: false)

    @Option var plant: Int32
    @Option var command: Int32

    func run() {
        // the command is this program's parent: when it ends, another one is
        while getppid() == command {
            guard kill(plant, 0) == 0 else {
                return SakkPlant.say("sakk-plant: the plant died while the command ran; what it says now is no finding")
            }
            usleep(20_000)
        }
        if kill(plant, 0) != 0 {
            SakkPlant.say("sakk-plant: the plant died while the command ran; what it says now is no finding")
        }
    }
}

struct CensusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "census", abstract: "Every physical card: where it lies, what its chip and its ink say.")

    @Option(help: "Folder of the world.") var dir: String
    @Flag(help: "One JSON object (sakk-plant.census/1).") var json = false
    @Option(help: "Write pictures of both sides of each printed card to this folder.") var pictures: String?
    @Flag(help: "With --pictures: each panel that a machine received too, as it laid it.") var panels = false

    func validate() throws {
        guard pictures != nil || !panels else { throw ValidationError("--panels goes with --pictures.") }
    }

    func run() throws {
        let words = ["census"] + (pictures.map { [Launch.absolute($0)] } ?? []) + (panels ? ["panels"] : [])
        let text = try ControlSocket.ask(words, directory: dir)
        print(
            json || text.contains("sakk-plant.cards/1") ? text : try CensusTable.text(text),
            terminator: json ? "\n" : "")
    }
}

struct Hand: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What a person's hand does.", subcommands: [HandMove.self, HandCover.self, HandRibbon.self])
}

struct HandMove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move",
        abstract: "Moves a card: hopper, good, reject, table (each :top or :N), desk, machine, shredder.",
        discussion: """
            A place in another cell has its name before it: cell-2/machine.
            `--from card:N` takes card N wherever it lies. `--from machine --to machine` straightens a jammed card at \
            the print station.
            """)

    @Option(help: "Folder of the world.") var dir: String
    @Option(help: "Where the card lies.") var from: String
    @Option(help: "Where to put it.") var to: String

    func run() throws { SakkPlant.say(try ControlSocket.ask(["move", from, to], directory: dir)) }
}

struct HandCover: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cover", abstract: "Opens or closes the printer's cover.")

    enum Motion: String, ExpressibleByArgument, CaseIterable { case open, close }

    @Option(help: "Folder of the world.") var dir: String
    @Option(help: "Name of the cell; the first one when none is given.") var cell: String?
    @Argument(help: "open or close.") var motion: Motion

    func run() throws {
        SakkPlant.say(try ControlSocket.ask(Launch.at(cell) + ["cover", motion.rawValue], directory: dir))
    }
}

struct HandRibbon: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "ribbon", abstract: "Puts a fresh ribbon in.")

    @Option(help: "Folder of the world.") var dir: String
    @Option(help: "Name of the cell; the first one when none is given.") var cell: String?
    @Option(help: "Cards that it is good for.") var cards: Int

    func run() throws {
        SakkPlant.say(try ControlSocket.ask(Launch.at(cell) + ["ribbon", String(cards)], directory: dir))
    }
}

struct FaultCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fault", abstract: "Orders a fault while the world runs.",
        discussion: "Kinds: \(Scenario.Fault.Kind.allCases.map(\.rawValue).joined(separator: ", ")).")

    @Option(help: "Folder of the world.") var dir: String
    @Option(help: "Name of the cell; the first one when none is given.") var cell: String?
    @Option(help: "Number of the feed that it happens at; `sakk-plant census` says how many were.") var atFeed: Int
    @Option(help: "What goes wrong.") var kind: String
    @Option(help: "Ribbon panel: y, m, c, k or o.") var panel: String?
    @Option(help: "Side of that panel: front or back.") var side: String?
    @Option(help: "Panels before the power fails.") var afterPanels: Int?
    @Option(help: "Where it jams: contactless, print, transfer, flip or exit.") var at: String?
    @Option(help: "Pile that the card is exchanged with: hopper, good or reject.") var with: String?

    func run() throws {
        let words = [
            "at_feed": String(atFeed), "kind": kind, "panel": panel, "side": side,
            "after_panels": afterPanels.map { String($0) }, "at": at, "with": with,
        ].compactMapValues { $0 }
        SakkPlant.say(
            try ControlSocket.ask(
                Launch.at(cell) + ["fault"] + words.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }, directory: dir))
    }
}

struct WireFault: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usb", abstract: "Orders a fault on the printer's cable, at the next transfer.",
        discussion:
            "Kinds: stall-out, stall-in, partial-out (takes no more until it is given up), pull-out (the plug), "
            + "demand-reader (from now on bytes are refused while nobody listens)."
    )

    @Option(help: "Folder of the world.") var dir: String
    @Option(help: "Name of the cell; the first one when none is given.") var cell: String?
    @Option(help: "What goes wrong.") var kind: String
    @Option(help: "After so many bytes to the printer.") var bytes = 0

    func run() throws {
        SakkPlant.say(
            try ControlSocket.ask(Launch.at(cell) + ["usb", kind, String(bytes)], directory: dir))
    }
}

struct PowerCut: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "power-cut", abstract: "Cuts the printer's power for a moment.")

    @Option(help: "Folder of the world.") var dir: String
    @Option(help: "Name of the cell; the first one when none is given.") var cell: String?

    func run() throws { SakkPlant.say(try ControlSocket.ask(Launch.at(cell) + ["power-cut"], directory: dir)) }
}

struct Down: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Ends the world and waits for its end.")

    @Option(help: "Folder of the world.") var dir: String

    func run() throws {
        let plant = try Launch.environment(dir)
        guard let pid = pid_t(plant.pid), kill(pid, SIGTERM) == 0 else { throw Launch.dead(dir) }
        for _ in 0..<500 {
            if !Launch.runs(pid) { return }
            usleep(20_000)
        }
        throw SakkError(
            "plant.stuck", source: dir, text: "The plant (process \(pid)) does not end.",
            remedy: "End it with: kill -9 \(pid)")
    }
}
