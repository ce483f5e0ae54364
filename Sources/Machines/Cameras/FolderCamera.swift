import Foundation
public import Ground
internal import Pixels
public import Stations

/// A folder of pictures (PNG, JPEG) in the place of a camera, for replaying what another station saw: `front*` and `back*`
/// in the order of their names, each given once. A side without another picture has no frame.
public actor FolderCamera: CardCamera {
    private let folder: String
    private var waiting: [CardSide: [String]] = [:]
    private var given: UInt64 = 0
    private var isConnected = false

    public init(folder: String) { self.folder = folder }

    /// Errors: `camera.missing`.
    public func connect() async throws(SakkError) {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw failure(
                "camera.missing", "There is no folder of pictures.", "Check the path in the line's configuration.")
        }
        // what was given once is not given again, however often the cell is connected
        if !isConnected, waiting.isEmpty {
            let pictures = names.filter { name in
                ["png", "jpg", "jpeg"].contains { name.lowercased().hasSuffix(".\($0)") }
            }
            for side in CardSide.allCases {
                waiting[side] = pictures.filter { $0.hasPrefix(side.rawValue) }.sorted()
            }
        }
        isConnected = true
    }

    /// Errors: `camera.disconnected`, `camera.frame.incomplete` when a picture cannot be read or none is left.
    public func capture(_ side: CardSide, for attempt: AttemptID) async throws(SakkError) -> Frame {
        guard isConnected else {
            throw failure("camera.disconnected", "The camera is not connected.", "Connect the cell first.")
        }
        guard let name = waiting[side]?.first else {
            throw failure(
                "camera.frame.incomplete", "No picture of a \(side.rawValue) is left in the folder.",
                "Put more pictures there and start again.")
        }
        waiting[side]?.removeFirst()
        given += 1
        guard let data = FileManager.default.contents(atPath: folder + "/" + name) else { throw unreadable(name) }
        let image: RGBImage
        do throws(SakkError) {
            let bytes = Bytes(data)
            image = bytes.starts(with: [0xFF, 0xD8]) ? try JPEG.decode(bytes) : try PNG.decode(bytes)
        } catch { throw unreadable(name) }
        return Frame(
            attempt: attempt, side: side, number: given, width: image.width, height: image.height, format: .rgb8,
            pixels: image.rgb)
    }

    public func disconnect() async { isConnected = false }

    private func unreadable(_ name: String) -> SakkError {
        failure("camera.frame.incomplete", "The picture \(name) cannot be read.", "Take it out of the folder.")
    }

    private func failure(_ code: SakkError.Code, _ text: String, _ remedy: String) -> SakkError {
        SakkError(code, source: "camera \(folder)", text: text, remedy: remedy)
    }
}
