import Foundation
import Ground
import Ledger
import Stations

extension Console {
    func serviceRoutes() -> [Route] {
        [
            Route("GET", "/health", .everyone, "Whether the console and its books answer") {
                [unowned self] _ throws(SakkError) in
                let tick = try await books.read(GrowthQuery())
                return .reply(.json(["schema": "sakk.console-health/1", "books": "ok", "tick": .integer(tick)]))
            },
            Route(
                "GET", "/metrics", .everyone, "Figures for Prometheus: no names, no numbers of documents",
                isInAPI: false
            ) {
                [unowned self] _ throws(SakkError) in
                .reply(.text(try await metrics(), type: "text/plain; version=0.0.4; charset=utf-8"))
            },
            Route("GET", "/openapi.json", .everyone, "This description", type: "application/json") {
                [unowned self] _ throws(SakkError) in
                .reply(.json(OpenAPI.description(of: routes)))
            },
        ]
    }

    private func metrics() async throws(SakkError) -> String {
        var lines: [String] = []
        func say(_ name: String, _ help: String, _ kind: String, _ samples: [(labels: String, value: String)]) {
            lines.append("# HELP sakk_\(name) \(help)")
            lines.append("# TYPE sakk_\(name) \(kind)")
            for sample in samples { lines.append("sakk_\(name)\(sample.labels) \(sample.value)") }
        }
        let counted = await meter.figures
        say(
            "console_requests_total", "Requests by class of status.", "counter",
            counted.byClass.sorted { $0.key < $1.key }.map { ("{class=\"\($0.key)xx\"}", String($0.value)) })
        say(
            "console_seconds_total", "Time spent on requests.", "counter", [("", Decimal.seconds(counted.microseconds))]
        )
        say("console_sessions", "Sessions that are open.", "gauge", [("", String(await sessions.count))])
        say("console_live_pages", "Pages that are kept up to date.", "gauge", [("", String(await hub.listeners))])
        var states: [(String, String)] = []
        var made: [(String, String)] = []
        for line in self.lines {
            let view = try await view(of: line)
            for cell in view.cells {
                let labels = "line=\"\(line.id)\",cell=\"\(cell.cell)\""
                states.append(("{\(labels),urgency=\"\(cell.urgency.rawValue)\"}", "1"))
                made.append(("{\(labels)}", String(cell.pace.good)))
            }
        }
        for (name, place) in CameraHealth.counters {
            var samples: [(String, String)] = []
            for line in self.lines {
                for row in try await books.read(CameraHealthQuery(line: line.id)) {
                    samples.append(
                        ("{line=\"\(line.id)\",cell=\"\(row.cell)\"}", String(row.health[keyPath: place])))
                }
            }
            say("camera_\(name)_total", "Since the cell's controller began.", "counter", samples)
        }
        say("cell_urgency", "How urgent a cell is.", "gauge", states)
        say("cell_good_last_hour", "Good cards of the last hour.", "gauge", made)
        return lines.joined(separator: "\n") + "\n"
    }
}

enum Decimal {
    static func seconds(_ microseconds: Int64) -> String {
        let fraction = String(1_000_000 + microseconds % 1_000_000).dropFirst()
        return "\(microseconds / 1_000_000).\(fraction)"
    }
}

/// What the console itself does.
actor ConsoleMeter {
    struct Figures: Sendable {
        var byClass: [Int: Int] = [:]
        var microseconds: Int64 = 0
    }
    private(set) var figures = Figures()

    func count(status: Int, microseconds: Int64) {
        figures.byClass[status / 100, default: 0] += 1
        figures.microseconds += microseconds
    }
}
