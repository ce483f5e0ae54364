import Ground
import Testing

@testable import Simulation

@Suite(.serialized) struct SimulationTests {
    static func options(_ documents: Int, _ profile: FaultProfile, kill: Int, cells: Int = 1, seed: UInt64 = 1)
        -> SimulationOptions
    {
        var options = SimulationOptions()
        options.documents = documents
        options.profile = profile
        options.killEvery = kill
        options.cells = cells
        options.seed = seed
        return options
    }

    @Test func `A day without faults makes every document once`() async {
        let balance = await SimulatedPlants.run(SimulationTests.options(40, .none, kill: 0))
        #expect(balance.breaches == 0, "\(balance.findings)")
        #expect(balance.good == 40 && balance.crashes == 0 && balance.spoiled.isEmpty)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `Passports: wrong, foreign and unreadable booklets cost booklets and never a document`(seed: UInt64) async {
        let balance = await SimulatedPlants.run(
            SimulationTests.options(60, .passports, kill: 3, cells: 2, seed: seed))
        #expect(balance.breaches == 0, "\(balance.findings)")
        #expect(balance.good + balance.held.values.reduce(0, +) == 60)
        #expect(balance.crashes > 5)
    }

    @Test(arguments: [UInt64(3), 4])
    func `Cards and passports of two categories at once, on one ledger: each kind keeps its own rules`(seed: UInt64)
        async
    {
        let balance = await SimulatedPlants.run(SimulationTests.options(60, .both, kill: 3, cells: 4, seed: seed))
        #expect(balance.breaches == 0, "\(balance.findings)")
        #expect(balance.good + balance.held.values.reduce(0, +) == 60)
        #expect(balance.crashes > 5)
        #expect(balance.faults.keys.contains { $0.hasPrefix("booklet.") } && balance.faults["chip.mute"] != nil)
    }

    @Test(arguments: [FaultProfile.harsh, .typical, .hands], [UInt64(1), 2])
    func `Kills and faults everywhere cost blanks and never a document`(profile: FaultProfile, seed: UInt64) async {
        let balance = await SimulatedPlants.run(SimulationTests.options(60, profile, kill: 2, cells: 2, seed: seed))
        #expect(balance.breaches == 0, "\(balance.findings)")
        #expect(balance.good + balance.held.values.reduce(0, +) == 60)
        #expect(balance.crashes > 10)
    }

    /// All faults, and no kill: where the next kill falls is counted in writes, and other times are other writes.
    @Test(arguments: [FaultProfile.harsh, .both])
    func `A wall clock that is set forward and back while the line works alters nothing`(profile: FaultProfile) async {
        var options = SimulationTests.options(40, profile, kill: 0, cells: 2, seed: 5)
        var steady = await SimulatedPlants.run(options)
        options.clockJumps = true
        var jumping = await SimulatedPlants.run(options)
        #expect(jumping.breaches == 0 && jumping.good > 30, "\(jumping.findings)")
        (steady.diskChanges, jumping.diskChanges) = (0, 0)
        #expect(jumping == steady)
        options.killEvery = 2
        let killed = await SimulatedPlants.run(options)
        #expect(killed.breaches == 0 && killed.crashes > 10, "\(killed.findings)")
    }

    @Test(arguments: [FaultProfile.harsh, .hands])
    func `The same seed is the same run, to the last write of the disk`(profile: FaultProfile) async {
        let options = SimulationTests.options(40, profile, kill: 2, cells: 2, seed: 7)
        let first = await SimulatedPlants.run(options)
        let second = await SimulatedPlants.run(options)
        #expect(first == second)
        #expect(first.crashesInDisk > 5)
    }
}
