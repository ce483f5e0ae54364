import ArgumentParser
import CWipe
import Glibc
import Ground

/// The controller: command line and line process in one program.
@main
struct Sakk: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sakk",
        abstract: "Controller of a card and passport personalisation line.",
        discussion: """
            Data goes to stdout, words for people to stderr. Exit codes: 0 done, 1 content rejected, 2 usage, \
            3 something is missing here, 4 held or outcome unknown, 5 a rule is breached, 70 a fault of the program.
            """,
        subcommands: [
            SeedCommand.self, QueueCommand.self, RunCommand.self, LineCommands.self, StatusCommand.self,
            BatchCommand.self,
            ChipCommand.self, GpCommand.self, CardCommand.self, ArtCommand.self, CheckCommand.self, LedgerCommand.self,
            KeysCommand.self, ReportCommand.self, BenchCommand.self, SimulateCommand.self,
            SimulateLineCommand.self,
            StockCommand.self, BlankCommand.self, ShiftCommand.self, RecallCommand.self, DispatchCommand.self,
            PeopleCommand.self, PrinterCommand.self, CameraCommand.self, DevicesCommand.self, InspectCommand.self,
            ServeCommand.self,
        ])

    static func main() async {
        // a core file would hold keys and personal data
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        sakk_keep_memory()
        FaultPoint.armFromEnvironment()
        FaultInjection.armFromEnvironment()
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let error as SakkError {
            Words.say("sakk: \(error.text)")
            Words.say("      \(error.remedy)")
            Words.say("      [\(error.code)] \(error.source)\(error.subject.map { " \($0)" } ?? "")")
            Exit.leave(Exit.of(error).rawValue)
        } catch let status as Exit {
            Exit.leave(status.rawValue)
        } catch {
            let code = exitCode(for: error)
            if code == .success {
                print(message(for: error))
                Exit.leave(0)
            }
            Words.say(fullMessage(for: error))
            Exit.leave(code == .validationFailure ? Exit.usage.rawValue : Exit.internalFault.rawValue)
        }
        Exit.leave(0)
    }
}
