import Foundation
import Ground
import Ledger
import Line
import Stations
import Synchronization

/// The run at a glance, on stderr: one line that is written over on a terminal, plain lines elsewhere.
final class ProgressLine: Sendable {
    private struct State {
        var lastPlain = ""
        var shown = false
    }

    private let begun = SystemTime().boot().microseconds
    private let state = Mutex(State())

    func show(_ progress: LineProgress) {
        let text = words(progress)
        state.withLock { state in
            if Words.onTerminal {
                Words.write("\r\u{1B}[2K" + text)
                state.shown = true
            } else {
                // elsewhere a line for each finished card and each trouble, not for each step
                let plain = plainWords(progress)
                guard plain != state.lastPlain else { return }
                state.lastPlain = plain
                Words.say(plain)
            }
        }
    }

    func finish() {
        state.withLock { state in
            if state.shown { Words.write("\n") }
            state.shown = false
        }
    }

    private func plainWords(_ progress: LineProgress) -> String {
        var text = "\(progress.done) / \(progress.target) good, \(progress.rejects) thrown out, \(progress.held) held"
        if let code = progress.code {
            text += "  \(progress.state.word): \(progress.text) [\(code)]"
            if let cell = progress.cell { text += " \(cell)" }
            if !progress.remedy.isEmpty { text += "\n  do:  \(progress.remedy)" }
        }
        return text
    }

    private func words(_ progress: LineProgress) -> String {
        let elapsed = Double(SystemTime().boot().microseconds - begun) / 1_000_000
        let rate = elapsed > 0 ? Double(progress.done) / elapsed : 0
        var text = "\(progress.state.word)  \(progress.done) / \(progress.target)"
        text += String(format: "  %.0f per hour", rate * 3600)
        text += "  rejects \(progress.rejects)"
        if progress.held > 0 { text += "  held \(progress.held)" }
        if rate > 0, progress.target > progress.done {
            let left = Int(Double(progress.target - progress.done) / rate)
            text += String(format: "  %d:%02d left", left / 60, left % 60)
        }
        if let step = progress.step { text += "  [\(step.rawValue)]" }
        if let code = progress.code { text += "  \(progress.text) [\(code)]  \(progress.remedy)" }
        return text
    }
}
