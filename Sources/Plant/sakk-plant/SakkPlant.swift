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
        subcommands: [Up.self, Serve.self, Exec.self, CensusCommand.self, Hand.self, PowerCut.self, Down.self])

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let error as SakkError {
            say("sakk-plant: \(error.text)\n            \(error.remedy) [\(error.code)]")
            Glibc.exit(error.code == "plant.scenario" ? 1 : 3)
        } catch {
            exit(withError: error)
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
        for tool in ["unshare", "ip", "umockdev-wrapper"] { try Launch.need(tool) }
        let script = """
            ip link set lo up && mkdir -p /run/pcscd && mount -t tmpfs tmpfs /run/pcscd || exit 3
            exec umockdev-wrapper "$@"
            """
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
        // several threads run: signals are blocked everywhere and waited for here
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
        let host = try PlantHost(scenario: scenario, directory: dir, stock: stock)
        SakkPlant.say("sakk-plant: ready in \(dir)")
        var number: Int32 = 0
        sigwait(&signals, &number)
        host.stop()
        SakkPlant.say("sakk-plant: ended")
        Glibc.exit(0)
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
        let script = "cd \"$1\" && shift && exec \"$@\""
        try Launch.replace(
            [
                "nsenter", "-t", plant.pid, "-m", "-n", "sh", "-c", script, "sakk-plant", Launch.absolute("."), "env",
                "UMOCKDEV_DIR=\(plant.testbed)", "LD_PRELOAD=\(plant.preload)",
            ] + command)
    }
}

struct CensusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "census", abstract: "Every physical card: where it lies, what its chip and its ink say.")

    @Option(help: "Folder of the world.") var dir: String
    @Flag(help: "One JSON object (sakk-plant.census/1).") var json = false
    @Option(help: "Write pictures of both sides of each printed card to this folder.") var pictures: String?

    func run() throws {
        let words = ["census"] + (pictures.map { [Launch.absolute($0)] } ?? [])
        let text = try ControlSocket.ask(words, directory: dir)
        print(json ? text : try CensusTable.text(text), terminator: json ? "\n" : "")
    }
}

struct Hand: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What a person's hand does.", subcommands: [HandMove.self])
}

struct HandMove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move",
        abstract: "Moves a card: hopper, good, reject, table (each :top or :N), desk, machine.")

    @Option(help: "Folder of the world.") var dir: String
    @Option(help: "Where the card lies.") var from: String
    @Option(help: "Where to put it.") var to: String

    func run() throws { SakkPlant.say(try ControlSocket.ask(["move", from, to], directory: dir)) }
}

struct PowerCut: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "power-cut", abstract: "Cuts the printer's power for a moment.")

    @Option(help: "Folder of the world.") var dir: String

    func run() throws { SakkPlant.say(try ControlSocket.ask(["power-cut"], directory: dir)) }
}

struct Down: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Ends the world.")

    @Option(help: "Folder of the world.") var dir: String

    func run() throws {
        let plant = try Launch.environment(dir)
        guard let pid = pid_t(plant.pid), kill(pid, SIGTERM) == 0 else {
            throw SakkError(
                "plant.dead", source: dir, text: "The plant does not run any more.", remedy: "Nothing is to be done.")
        }
    }
}
