internal import Ground
internal import Workers

/// A worker that was started and has said that it is ready. Ends with this object.
final class PictureChild {
    let child: WorkerChild
    private let pictures: SharedPictures
    private var asked: Int64 = 0

    enum Fault: Error {
        case worker(WorkerFault)
        case tooLarge

        var words: String {
            switch self {
            case .worker(.ended): "the worker ended"
            case .worker(.late): "the worker did not answer in time"
            case .worker(.nonsense): "the worker's answer is none"
            case .tooLarge: "the pictures are larger than a worker takes"
            }
        }
    }

    /// Errors: `inspection.worker.start`.
    init(
        _ program: String, settings: PictureSettings, pictures: SharedPictures, until deadline: Int64
    ) throws(SakkError) {
        self.pictures = pictures
        do throws(WorkerStartFailure) {
            child = try WorkerChild(program: program, arguments: [], memory: pictures.memory)
        } catch {
            throw Self.failure(
                program, "It cannot be started", SakkError.Native(kind: "errno", value: "\(error.errno)"))
        }
        do throws(Fault) {
            _ = try ask(.settings, until: deadline) { settings.write(&$0) }
        } catch {
            throw Self.failure(program, "It is not ready: \(error.words)", child.end())
        }
    }

    /// Asks for one picture's judgement. After a fault the worker is of no use any more.
    func judge(_ write: (inout WireWriter) -> Void, until deadline: Int64) throws(Fault) -> WorkerAnswer {
        let bytes = try ask(.picture, until: deadline, write)
        let read = bytes.withUnsafeBytes { memory -> Result<WorkerAnswer, WireFault> in
            do throws(WireFault) {
                var wire = WireReader(memory)
                let answer = try WorkerAnswer(&wire)
                try wire.finish()
                return .success(answer)
            } catch {
                return .failure(error)
            }
        }
        guard case .success(let answer) = read else { throw .worker(.nonsense) }
        return answer
    }

    private func ask(_ kind: WorkerMessage.Kind, until deadline: Int64, _ write: (inout WireWriter) -> Void)
        throws(Fault)
        -> Bytes
    {
        guard let length = pictures.lay(write) else { throw .tooLarge }
        defer { pictures.memory.forget(length) }
        asked += 1
        do throws(WorkerFault) {
            try child.socket.write(WorkerMessage(kind, number: asked, length: length).bytes, until: deadline)
            let head = WorkerMessage(try child.socket.read(WorkerMessage.size, until: deadline))
            guard let head, head.kind == .answer, head.number == asked, head.length <= WorkerLimits.answerBytes else {
                throw .nonsense
            }
            return try child.socket.read(head.length, until: deadline)
        } catch {
            // it may be at it still: nothing of what it reads may change under it
            if error == .late { child.kill() }
            throw .worker(error)
        }
    }

    private static func failure(_ program: String, _ text: String, _ native: SakkError.Native) -> SakkError {
        SakkError(
            "inspection.worker.start", source: program, native: native,
            text: "The worker that judges pictures is missing. \(text).",
            remedy: "Install sakk-picture beside sakk, of the same version; its words are in the line's output.")
    }
}
