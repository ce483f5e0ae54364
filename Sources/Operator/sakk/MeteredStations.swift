import Ground
import Line
import Stations

/// The stations of a cell, each call of them timed under the station's name. What they do is theirs.
struct MeteredStations {
    let meter: BenchMeter

    func wrap(_ stations: CellStations) -> CellStations {
        CellStations(
            printer: MeteredPrinter(printer: stations.printer, meter: meter),
            chip: MeteredChip(chip: stations.chip, meter: meter),
            camera: MeteredCamera(camera: stations.camera, meter: meter),
            preparation: MeteredPreparation(preparation: stations.preparation, meter: meter),
            inspection: MeteredInspection(inspection: stations.inspection, meter: meter),
            verification: MeteredVerification(verification: stations.verification, meter: meter),
            standing: stations.standing)
    }
}

private struct MeteredPrinter: CardPrinter {
    let printer: any CardPrinter
    let meter: BenchMeter

    func connect() async throws(SakkError) -> PrinterIdentity { try await printer.connect() }

    func status() async throws(SakkError) -> PrinterStatus {
        try await meter.measure("printer.status") { () async throws(SakkError) in try await printer.status() }
    }

    func whereabouts() async throws(SakkError) -> PrinterStatus {
        try await meter.measure("printer.whereabouts") { () async throws(SakkError) in try await printer.whereabouts() }
    }

    func feed(to station: PrinterStation) async throws(SakkError) {
        try await meter.measure("printer.feed") { () async throws(SakkError) in try await printer.feed(to: station) }
    }

    func move(to station: PrinterStation) async throws(SakkError) {
        try await meter.measure("printer.move") { () async throws(SakkError) in try await printer.move(to: station) }
    }

    func print(_ job: PrintJob) async throws(SakkError) {
        try await meter.measure("printer.print") { () async throws(SakkError) in try await printer.print(job) }
    }

    func present(_ side: CardSide) async throws(SakkError) {
        try await meter.measure("printer.move") { () async throws(SakkError) in try await printer.present(side) }
    }

    func eject(_ exit: CardExit) async throws(SakkError) {
        try await meter.measure("printer.eject") { () async throws(SakkError) in try await printer.eject(exit) }
    }

    func disconnect() async { await printer.disconnect() }
}

private struct MeteredChip: ChipStation {
    let chip: any ChipStation
    let meter: BenchMeter

    func connect() async throws(SakkError) { try await chip.connect() }

    func identify() async throws(SakkError) -> ChipPresence {
        try await meter.measure("chip.identify") { () async throws(SakkError) in try await chip.identify() }
    }

    func personalise(_ job: ChipJob, on identity: ChipIdentity, progress: @Sendable (String) -> Void)
        async throws(SakkError)
    {
        try await meter.measure("chip.personalise") { () async throws(SakkError) in
            try await chip.personalise(job, on: identity, progress: progress)
        }
    }

    func read(with access: MRZAccess) async throws(SakkError) -> BorderReport {
        try await meter.measure("chip.border_check") { () async throws(SakkError) in
            try await chip.read(with: access)
        }
    }

    func kill() async throws(SakkError) -> ChipDeath {
        try await meter.measure("chip.kill") { () async throws(SakkError) in try await chip.kill() }
    }

    func disconnect() async { await chip.disconnect() }
}

private struct MeteredCamera: CardCamera {
    let camera: any CardCamera
    let meter: BenchMeter

    func connect() async throws(SakkError) { try await camera.connect() }

    func capture(_ side: CardSide, for attempt: AttemptID) async throws(SakkError) -> Frame {
        try await meter.measure("camera.capture") { () async throws(SakkError) in
            try await camera.capture(side, for: attempt)
        }
    }

    func capture(
        _ side: CardSide, under light: CardLight, for attempt: AttemptID
    ) async throws(SakkError) -> Frame {
        try await meter.measure("camera.capture") { () async throws(SakkError) in
            try await camera.capture(side, under: light, for: attempt)
        }
    }

    var health: CameraHealth? { get async { await camera.health } }

    func disconnect() async { await camera.disconnect() }
}

private struct MeteredPreparation: DocumentPreparation {
    let preparation: any DocumentPreparation
    let meter: BenchMeter

    func prepare(_ record: ApprovedRecord, for attempt: AttemptID) async throws(SakkError) -> PreparedDocument {
        try await meter.measureBeside("preparation") { () async throws(SakkError) in
            try await preparation.prepare(record, for: attempt)
        }
    }
}

private struct MeteredInspection: InspectionStation {
    let inspection: any InspectionStation
    let meter: BenchMeter

    func inspect(_ request: InspectionRequest) async throws(SakkError) -> InspectionResult {
        try await meter.measure("inspection") { () async throws(SakkError) in try await inspection.inspect(request) }
    }

    func compare(_ request: PortraitRequest) async throws(SakkError) -> InspectionResult {
        try await meter.measure("portrait") { () async throws(SakkError) in try await inspection.compare(request) }
    }
}

private struct MeteredVerification: RecordVerification {
    let verification: any RecordVerification
    let meter: BenchMeter

    func verify(_ envelope: Bytes) throws(SakkError) -> ApprovedRecord {
        try meter.measureHere("record.verify") { () throws(SakkError) in try verification.verify(envelope) }
    }

    func confirm(_ envelope: Bytes) throws(SakkError) {
        try meter.measureHere("record.confirm") { () throws(SakkError) in try verification.confirm(envelope) }
    }
}
