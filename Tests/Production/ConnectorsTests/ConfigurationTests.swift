import Connectors
import Foundation
import Ground
import Testing

@Suite("Configuration of sources and standing") struct ConfigurationTests {
    private let folder = TemporaryFolder()

    private func write(_ text: String) throws -> String {
        let path = folder.path + "/file.yaml"
        try Data(("sakk: 1\n" + text).utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func code(_ text: String) throws -> SakkError.Code? {
        let path = try write(text)
        do throws(SakkError) {
            _ = try SourceConfiguration(path: path)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("A folder is read with its paths beside the file") func folderSource() throws {
        let source = try SourceConfiguration(
            path: try write("source: drop\nkind: folder\nfolder:\n  path: in\n  taken: remove\nstanding: s.yaml\n"))
        guard case .folder(let path, let afterwards) = source.kind else {
            Issue.record("not a folder")
            return
        }
        #expect(path == folder.path + "/in")
        #expect(afterwards == .remove)
        #expect(source.standing == folder.path + "/s.yaml")
        #expect(try source.source().name == "drop")
    }

    @Test("A server is read with its files and limits") func server() throws {
        let text = """
            source: registry
            kind: https
            https:
              address: https://registry.invalid:8443
              page_records: 50
              timeout_ms: 5000
              tls:
                authorities: tls/authority.pem
                certificate: tls/client.pem
                key: /etc/sakk/client.key.pem
            pull:
              every_ms: 2000
              tries: 9
            """
        let source = try SourceConfiguration(path: try write(text))
        guard case .https(let address, let pageRecords, let limits, let tls) = source.kind else {
            Issue.record("not a server")
            return
        }
        #expect(address == "https://registry.invalid:8443")
        #expect(pageRecords == 50)
        #expect(limits.totalMilliseconds == 5000)
        #expect(tls.authorities == folder.path + "/tls/authority.pem")
        #expect(tls.key == "/etc/sakk/client.key.pem")
        #expect(source.everyMilliseconds == 2000)
        #expect(source.retry.tries == 9)
    }

    @Test("A table is read with its columns, and never with a password") func table() throws {
        let head = "source: r\nkind: table\ntable:\n  name: approvals.cards\n  refusal: refused_because\n  database: "
        let good = head + "postgresql://sakk@db.invalid:5432/registry?sslmode=verify-full\n"
        let source = try SourceConfiguration(path: try write(good))
        guard case .table(_, let table, let window, _) = source.kind else {
            Issue.record("not a table")
            return
        }
        #expect(table.name == "approvals.cards")
        #expect(table.refusal == "refused_because")
        #expect(window == 10_000)
        #expect(try code(head + "postgresql://sakk:secret@db.invalid/registry\n") == "config.value")
        #expect(try code(head + "host=db.invalid password=secret\n") == "config.value")
        #expect(try code(good + "  record: 'cms; DROP TABLE x'\n") == "config.value")
    }

    @Test("What is missing, unknown or out of range is refused") func refused() throws {
        #expect(try code("kind: folder\nfolder: {path: in}\n") == "config.missing")
        #expect(try code("source: a b\nkind: folder\nfolder: {path: in}\n") == "config.value")
        #expect(try code("source: a\nkind: ftp\n") == "config.value")
        #expect(try code("source: a\nkind: folder\n") == "config.missing")
        #expect(try code("source: a\nkind: folder\nfolder: {path: in, taken: burn}\n") == "config.value")
        #expect(try code("source: a\nkind: folder\nfolder: {path: in, user: x}\n") == "config.unknown")
        #expect(try code("source: a\nkind: folder\nfolder: {path: in}\npull: {tries: 0}\n") == "config.value")
        #expect(try code("source: a\nkind: https\nhttps: {address: 'https://a'}\n") == "config.missing")
    }

    @Test("Standing needs somebody who knows") func standing() throws {
        #expect(throws: SakkError("config.missing", source: "", text: "", remedy: "")) {
            _ = try StandingConfiguration(path: try write(""))
        }
        let ca = World.repository + "/seeds/test-pki/approval-ca.pem"
        let path = try write(
            "stop_lists: {authorities: [UTO-CIVIL], trust: ['\(ca)'], max_age_s: 86400}\n")
        let standing = try StandingConfiguration(path: path)
        #expect(standing.stopLists?.authorities == ["UTO-CIVIL"])
        #expect(standing.stopLists?.maxAgeSeconds == 86_400)
        #expect(standing.ask == nil)
    }
}
