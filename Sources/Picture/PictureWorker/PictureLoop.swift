internal import Glibc
public import Ground
public import Stations
internal import Workers

/// The worker's side: is told how to judge, then judges one request after another until its controller closes the socket.
public struct PictureLoop {
    private let memory: UnsafeRawBufferPointer

    /// Nil when the controller shows no memory. `WorkerDesk.run` comes before it.
    public init?() {
        guard let memory = WorkerDesk.memory(WorkerLimits.requestBytes) else { return nil }
        self.memory = memory
    }

    /// Returns when the controller is gone, or says what a controller does not say. `make` gets the settings.
    public func run(_ make: @Sendable (PictureSettings) throws(SakkError) -> any InspectionStation) async {
        var inspection: (any InspectionStation)?
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: WorkerLimits.answerBytes, alignment: 8)
        defer { room.deallocate() }
        while let head = next() {
            var wire = WireReader(UnsafeRawBufferPointer(rebasing: memory[0..<head.length]))
            var answer = WireWriter(room)
            do {
                switch head.kind {
                case .settings:
                    inspection = try make(try PictureSettings(&wire))
                case .picture:
                    guard let inspection else { return }
                    let began = Self.processorTime
                    await judge(try PictureQuestion(&wire), by: inspection, since: began).write(&answer)
                case .answer: return
                }
                try wire.finish()
            } catch {
                return
            }
            guard !answer.isFull, send(answer.count, of: room, to: head.number) else { return }
            WorkerMemory.wipe(UnsafeMutableRawBufferPointer(rebasing: room[..<answer.count]))
        }
    }

    private func next() -> WorkerMessage? {
        guard let bytes = WorkerDesk.next(WorkerMessage.size) else { return nil }
        return WorkerMessage(bytes)
    }

    private func judge(
        _ question: PictureQuestion, by inspection: any InspectionStation, since began: Int64
    ) async -> WorkerAnswer {
        let outcome: Result<InspectionResult, SakkError>
        do throws(SakkError) {
            outcome =
                switch question {
                case .inspect(let request): .success(try await inspection.inspect(request))
                case .compare(let request): .success(try await inspection.compare(request))
                }
        } catch {
            outcome = .failure(error)
        }
        return WorkerAnswer(outcome: outcome, effort: Self.processorTime - began)
    }

    private func send(_ count: Int, of room: UnsafeMutableRawBufferPointer, to number: Int64) -> Bool {
        do {
            try WorkerDesk.socket.write(WorkerMessage(.answer, number: number, length: count).bytes)
            try WorkerDesk.socket.write(UnsafeRawBufferPointer(rebasing: room[0..<count]))
            return true
        } catch {
            return false
        }
    }

    private static var processorTime: Int64 {
        var value = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &value)
        return Int64(value.tv_sec) * 1_000_000 + Int64(value.tv_nsec) / 1000
    }
}
