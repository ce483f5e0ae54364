import ArgumentParser

/// Options of the sizes of `sakk simulate` that run real processes.
struct FleetOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Size c: the books, a path or postgresql://…; they must be a simulation's and empty. A file of its own in \
            --folder when not given.
            """)) var store: String?
    @Option(help: "Size c and d: processes that are killed, in all.") var kills: Int?
    @Option(help: "Size c: controllers on one queue, each a process with a line of its own.") var lines = 1
    @Option(help: "Sizes c and d: where worlds, books and logs go; must not be there. In /tmp when not given.")
    var folder: String?
    @Option(help: "Size c on PostgreSQL: a command that restarts the server, and how often it is run.")
    var restartCommand: String?
    @Option(help: "Size c on PostgreSQL: restarts of the server.") var restarts = 0
    @Option(
        help: "Size c on PostgreSQL: how often line 2 is cut off from the server; every second time it is taken over.")
    var cuts = 0
    @Option(help: "Size c on PostgreSQL: how often a controller is frozen, taken over and woken.") var freezes = 0
    @Option(help: "Size c: how often a second controller is started with the line of a running one.") var twins = 0
    @Option(help: "Size c: the lease of a line, in milliseconds.") var leaseMs: Int64 = 6000
    @Flag(help: "Size c: replay the journal at the end and compare all tables with it.") var verify = false
}
