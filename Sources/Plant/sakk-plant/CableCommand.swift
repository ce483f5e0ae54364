import ArgumentParser
import Ground
import PlantWorld

struct CableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cable", abstract: "Pulls the plug of a cell's camera, or puts it back.")

    @Option(help: "Folder of the world.") var dir: String
    @Option(help: "Name of the cell; the first one when none is given.") var cell: String?
    @Argument(help: "pull or put.", completion: .list(["pull", "put"])) var what: String

    func validate() throws {
        guard ["pull", "put"].contains(what) else { throw ValidationError("Say pull or put.") }
    }

    func run() throws {
        let word = what == "pull" ? "unplug" : "plug"
        SakkPlant.say(try ControlSocket.ask(Launch.at(cell) + ["camera", word], directory: dir))
    }
}

struct LampCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lamp", abstract: "Lets a lamp over the print station fail, or burn again.",
        discussion: "Lamps: white, raking, uv, infrared. The camera's output goes on saying what it was told.")

    @Option(help: "Folder of the world.") var dir: String
    @Option(help: "Name of the cell; the first one when none is given.") var cell: String?
    @Argument(help: "The lamp.") var lamp: String
    @Argument(help: "dead or alive.") var state: String

    func run() throws {
        SakkPlant.say(try ControlSocket.ask(Launch.at(cell) + ["lamp", lamp, state], directory: dir))
    }
}
