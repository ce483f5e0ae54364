import Catalog
import Foundation
import Ground
import Inspection
import PictureWorker
import Stations
import Workers

extension CellBuilder {
    /// The inspection of a cell: a worker of its own, told the product's limits. Throws before anything is fed when there is
    /// no such program, or a limit that is none.
    func pictureWorker(_ cell: LineProfile.Cell) throws(SakkError) -> WorkerInspection {
        let plan = try InspectionPlan(thousandths: try InspectionLimits(path: product.inspectionPlan).thousandths)
        let list = try ReasonList(path: product.reasonList)
        return WorkerInspection(
            program: try Self.workerProgram(),
            settings: PictureSettings(
                limits: plan.thousandths, keepsGoodCards: pictures.map { $0.sealing == nil } ?? false,
                keepsSeen: pictures != nil, labels: list.labels, lights: try lights(of: cell)))
    }

    /// By which lamps the cell's cards are seen.
    func lights(of cell: LineProfile.Cell) throws(SakkError) -> LightPlan {
        try InspectionLimits(path: product.inspectionPlan).lights(
            of: try CameraModel(path: cell.cameraModel), in: cell.id)
    }

    /// `sakk-picture` in the folder of this program: of the same version as it.
    private static func workerProgram() throws(SakkError) -> String {
        let path = WorkerChild.beside("sakk-picture")
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw SakkError(
                "inspection.worker.start", source: path, text: "The worker that judges pictures is missing.",
                remedy: "Install sakk-picture beside sakk, of the same version (swift build --product sakk-picture).")
        }
        return path
    }
}

extension ProductProfile {
    /// The published reasons: beside the product's folder.
    var reasonList: String {
        let beside = (folder as NSString).deletingLastPathComponent + "/reasons.yaml"
        return FileManager.default.fileExists(atPath: beside) ? beside : "profiles/reasons.yaml"
    }
}

extension ReasonList {
    /// By code: Arabic, Sorani, English.
    var labels: [String: [String]] { reasons.mapValues { [$0.arabic, $0.sorani, $0.english] } }
}
