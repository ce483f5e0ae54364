import Foundation
import Ground
import OpenSSLCrypto
import Records
import Seeds
import Stations
import Testing

struct RecordImportTests {
    private func codes(_ bytes: Bytes, limits: RecordImport.Limits = .init()) throws -> [SakkError.Code] {
        let reading = try World.importer(limits: limits).read(bytes, name: "batch.tar")
        #expect(reading.accepted.isEmpty)
        return reading.problems.map(\.code)
    }

    @Test("A seeded batch is accepted whole") func accepts() throws {
        let batch = try World.batch(4)
        let reading = try World.importer().read(batch.tar, name: "batch.tar")
        #expect(reading.problems.isEmpty, "\(reading.problems)")
        #expect(reading.accepted.map(\.name) == ["0001.p7m", "0002.p7m", "0003.p7m", "0004.p7m"])
        #expect(reading.batchID == batch.batchID)
        #expect(reading.authority == "UTO-CIVIL")
        #expect(Set(reading.accepted.map(\.productionID)).count == 4)
        #expect(reading.accepted.map(\.envelope) == batch.entries.map(\.envelope))
    }

    @Test("A single envelope is accepted too") func single() throws {
        let envelope = try World.batch(1).entries[0].envelope
        let reading = try World.importer().read(envelope, name: "one.p7m")
        #expect(reading.problems.isEmpty)
        #expect(reading.accepted.map(\.envelopeDigest) == [Digest.sha256(envelope)])
        #expect(reading.batchID == nil)
    }

    @Test("A file that is broken as a whole gives one clear line and no record") func broken() throws {
        let tar = try World.batch(2).tar
        #expect(try codes([]) == ["batch.empty"])
        #expect(try codes(Bytes((0..<2000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) })) == ["batch.unknown"])
        #expect(try codes(Bytes(tar.prefix(tar.count / 2))) == ["batch.truncated"])
        #expect(try codes(Bytes(tar.dropLast(1024))) == ["batch.truncated"])
        #expect(try codes(tar + [1]) == ["batch.trailing"])
        var flipped = tar
        flipped[1] ^= 1
        #expect(try codes(flipped) == ["batch.corrupt"])
        var limits = RecordImport.Limits()
        limits.fileBytes = 10_000
        #expect(try codes(tar, limits: limits) == ["batch.too_large"])
        limits = RecordImport.Limits()
        limits.records = 1
        #expect(try codes(tar, limits: limits) == ["batch.too_large"])
        let missing = try World.importer().read(file: "/nowhere/batch.tar")
        #expect(missing.problems.map(\.code) == ["batch.unreadable"])
        #expect(try World.importer().read(file: "/").problems.map(\.code) == ["batch.unreadable"])
    }

    @Test("Names with a path or of anything but a file are refused") func unsafeNames() throws {
        let good = try World.batch(1)
        for name in ["../0001.p7m", "/etc/0001.p7m", ".p7m", "a/b.p7m", "a b.p7m"] {
            let batch = BatchFile(
                batchID: good.batchID, authority: good.authority, created: good.created,
                entries: [.init(name: name, requestID: "R", envelope: good.entries[0].envelope)])
            #expect(try codes(batch.tar) == ["batch.name.unsafe"], "\(name)")
        }
    }

    @Test("A manifest that is missing, wrong or lies is told apart") func manifest() throws {
        let good = try World.batch(1)
        func rebuilt(_ replace: (String, String)) -> Bytes {
            // same length, so that the tar's own headers still fit
            let text = Bytes(replace.0.utf8)
            let new = Bytes(replace.1.utf8)
            var tar = good.tar
            for start in 512..<1500 where tar[start...].starts(with: text) {
                tar.replaceSubrange(start..<(start + text.count), with: new)
                break
            }
            return tar
        }
        #expect(try codes(rebuilt(("sakk.batch/1", "sakk.batch/9"))) == ["batch.manifest.schema"])
        #expect(try codes(rebuilt(("\"records\"", "'records\""))) == ["batch.manifest.syntax"])
        #expect(try codes(rebuilt(("UTO-CIVIL", "UTO-CIV\u{00}L"))) == ["batch.manifest.syntax"])
        #expect(try codes(rebuilt(("created", "creator"))).contains("record.field.unknown"))
        #expect(try codes(rebuilt(("UTO-CIVIL", "UTO-OTHER"))) == ["batch.authority.mismatch"])
        #expect(
            try codes(rebuilt(("0001.p7m", "0002.p7m"))).sorted { $0.rawValue < $1.rawValue }
                == ["batch.member.missing", "batch.member.unlisted"])
        #expect(try codes(rebuilt(("S1-000001", "S1-000009"))) == ["batch.request.mismatch"])
        let digest = Digest.sha256(good.entries[0].envelope).hex.lowercased()
        #expect(try codes(rebuilt((digest, String(digest.reversed())))) == ["batch.digest.mismatch"])
        var bytes = good.tar
        bytes.removeSubrange(0..<(512 + 512))
        #expect(try codes(bytes) == ["batch.manifest.missing"])
    }

    @Test("A name or a request that stands twice is refused, the others go on") func duplicates() throws {
        let good = try World.batch(3)
        func batch(_ entries: [BatchFile.Entry]) -> Bytes {
            BatchFile(batchID: good.batchID, authority: good.authority, created: good.created, entries: entries).tar
        }
        let names = try World.importer().read(batch([good.entries[0], good.entries[0], good.entries[1]]), name: "b")
        #expect(names.accepted.map(\.name) == ["0002.p7m"])
        #expect(Set(names.problems.map(\.code)) == ["batch.name.duplicate"])
        let copy = BatchFile.Entry(
            name: "0009.p7m", requestID: good.entries[0].requestID, envelope: good.entries[0].envelope)
        let requests = try World.importer().read(batch([good.entries[0], good.entries[1], copy]), name: "b")
        #expect(requests.accepted.map(\.name) == ["0002.p7m"])
        #expect(requests.problems.map(\.code) == ["batch.request.duplicate", "batch.request.duplicate"])
    }

    @Test("Only what a trusted authority signed, and as it signed it, is accepted") func signatures() throws {
        let folder = try World.folder()
        let record = try #require(try World.records(1).first)
        let signer = try folder.signer()
        let good = try ApprovalEnvelope.seal(record, signer: signer.certificate, key: signer.key)
        let anchor = [try folder.certificate("approval-ca")]
        func code(_ envelope: Bytes, at time: WallTime = World.now) -> SakkError.Code? {
            do {
                _ = try ApprovalEnvelope.verify(envelope, trust: anchor, at: time)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(code(good) == nil)
        let rogue = try folder.signer("rogue-signer")
        #expect(
            code(try ApprovalEnvelope.seal(record, signer: rogue.certificate, key: rogue.key)) == "cms.chain.untrusted")
        let old = try folder.signer("approval-expired")
        #expect(
            code(try ApprovalEnvelope.seal(record, signer: old.certificate, key: old.key)) == "cms.certificate.expired")
        var flipped = good
        let place = try #require(flipped.firstRange(of: Bytes("\"iq-national-id\"".utf8))).lowerBound
        flipped[place + 1] ^= 1
        #expect(code(flipped) == "cms.signature.invalid")
        #expect(code(Bytes(good.dropLast(1))) == "cms.malformed")
        #expect(code(good + [0]) == "cms.malformed")
        #expect(code([0x30, 0x80, 1, 2, 3]) == "cms.malformed")
        #expect(code(Bytes(repeating: 0x30, count: 500_001)) == "record.too_large")
        let verifier = RecordVerifier(trust: anchor, time: World.Clock(time: World.now))
        #expect(try verifier.verify(good) == record)
    }

    @Test("An envelope is confirmed by its signature and chain, at the time of asking") func confirmed() throws {
        let record = try #require(try World.records(1).first)
        let folder = try World.folder()
        let (signer, anchor) = (try folder.signer(), [try folder.certificate("approval-ca")])
        let verifier = RecordVerifier(trust: anchor, time: World.Clock(time: World.now))
        let code = { (envelope: Bytes, verifier: RecordVerifier) -> String in
            do throws(SakkError) {
                try verifier.confirm(envelope)
                return ""
            } catch {
                return error.code.rawValue
            }
        }
        let good = try ApprovalEnvelope.seal(record, signer: signer.certificate, key: signer.key)
        #expect(code(good, verifier) == "")
        for (name, fault) in [("rogue-signer", "cms.chain.untrusted"), ("approval-expired", "cms.certificate.expired")]
        {
            let other = try folder.signer(name)
            let envelope = try ApprovalEnvelope.seal(record, signer: other.certificate, key: other.key)
            #expect(code(envelope, verifier) == fault)
        }
        var flipped = good
        let place = try #require(flipped.firstRange(of: Bytes("\"iq-national-id\"".utf8))).lowerBound
        flipped[place + 1] ^= 1
        #expect(code(flipped, verifier) == "cms.signature.invalid")
        let late = RecordVerifier(
            trust: anchor,
            time: World.Clock(time: WallTime(microseconds: World.now.microseconds + 4_000_000_000_000_000)))
        #expect(code(good, late) == "cms.certificate.expired")
    }

    @Test("The openssl command accepts the envelope and gives the same content") func foreignJudge() throws {
        let record = try #require(try World.records(1).first)
        let signer = try World.folder().signer()
        let envelope = try ApprovalEnvelope.seal(record, signer: signer.certificate, key: signer.key)
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("sakk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: place) }
        let file = place.appendingPathComponent("envelope.p7m")
        let content = place.appendingPathComponent("content.json")
        try Data(envelope).write(to: file)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = [
            "cms", "-verify", "-inform", "DER", "-binary", "-in", file.path, "-CAfile",
            World.path + "/test-pki/approval-ca.pem", "-purpose", "any", "-out", content.path,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(Bytes(try Data(contentsOf: content)) == RecordEncoder.encode(record))
    }
}
