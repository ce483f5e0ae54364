import ArgumentParser
import Foundation
import Ground
import PlantCamera

/// One camera by itself, of our own make, with whatever network it is ordered to have.
struct CameraCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "camera",
        abstract: "Serves a GigE Vision camera on a loopback address until it is ended.",
        discussion: """
            Frames are grey and bear the number of their trigger in the first and the last eight bytes. Packets are paced, lost \
            ones are sent again when they are asked for. SIGUSR1 pulls its plug, SIGUSR2 puts it back.
            """)

    @Option(help: "Address of this machine, 127.x.x.x.") var address = "127.0.0.1"
    @Option(help: "Serial number.") var serial = "PLANT-CAMERA"
    @Option(help: "Pixels across.") var width = 2448
    @Option(help: "Pixels down.") var height = 2048
    @Option(help: "Thousandths of the packets that are lost on the way.") var lost = 0
    @Option(help: "Thousandths that come twice.") var doubled = 0
    @Option(help: "Thousandths that come after later ones.") var late = 0
    @Option(help: "Seed of that.") var seed: UInt64 = 1

    func run() throws {
        var network = GigECamera.Network()
        (network.lost, network.doubled, network.late, network.seed) = (lost, doubled, late, seed)
        let count = width * height
        let camera = try GigECamera(
            address: address, serial: serial, width: width, height: height, network: network
        ) { shot in
            var frame = Bytes(repeating: 90, count: count)
            let stamp = BigEndian.bytes(UInt64(shot.number))
            frame.replaceSubrange(0..<8, with: stamp)
            frame.replaceSubrange(count - 8..<count, with: stamp)
            return frame
        }
        SakkPlant.say("camera \(serial) at \(address), \(width) by \(height)")
        let ended = DispatchSemaphore(value: 0)
        let orders: [(Int32, @Sendable () -> Void)] = [
            (SIGUSR1, { camera.unplug() }), (SIGUSR2, { camera.plug() }), (SIGTERM, { ended.signal() }),
            (SIGINT, { ended.signal() }),
        ]
        let sources = orders.map { number, order in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler(handler: order)
            source.resume()
            return source
        }
        ended.wait()
        sources.forEach { $0.cancel() }
        camera.close()
        let done = camera.counters
        SakkPlant.say(
            "\(done.triggers) triggers, \(done.packets) packets, \(done.lost) lost, \(done.resent) sent again")
    }
}
