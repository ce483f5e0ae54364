import CPlainVision
import Catalog
import Foundation
import Ground
import Pixels

/// Registration and difference with OpenCV alone, on the same pictures.
struct PlainPipeline {
    /// Without reading the files; nil when a picture cannot be read.
    static func milliseconds(_ job: TrialCell.Job, in folder: String) -> Double? {
        guard let capture = picture(job.capture, in: folder), let reference = picture(job.reference, in: folder) else {
            return nil
        }
        let clock = ContinuousClock()
        let began = clock.now
        _ = sakk_plain_difference(
            capture.rgb, Int32(capture.width), Int32(capture.height), reference.rgb, Int32(reference.width),
            Int32(reference.height))
        return (clock.now - began) / .milliseconds(1)
    }

    private static func picture(_ name: String, in folder: String) -> RGBImage? {
        FileBytes.read(folder + "/" + name).flatMap { try? PNG.decode($0) }
    }
}
