import CWipe
import Glibc
import Ground
import Inspection
import PictureWorker
import Workers

/// The inspection as a process of its own: no keys, no ledger, no environment, no network. What it is shown is forgotten when it
/// is judged. Started by `sakk run`, one for each cell, and of no use to anybody else.
@main
struct SakkPicture {
    static func main() {
        sakk_keep_memory()
        WorkerDesk.run("sakk-picture", at: .alone) {
            guard let loop = PictureLoop() else { _exit(3) }
            await loop.run { (settings) throws(SakkError) in
                CardInspector(
                    plan: try InspectionPlan(thousandths: settings.limits), annotatesGoodCards: settings.keepsGoodCards,
                    keepsSeen: settings.keepsSeen, labels: settings.labels, lights: settings.lights)
            }
        }
    }
}
