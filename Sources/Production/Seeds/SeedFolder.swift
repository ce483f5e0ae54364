import Glibc
public import Ground
public import OpenSSLCrypto
import Stations

/// Who signs invented approvals.
public struct SeedSigner: Sendable {
    public let certificate: X509Certificate
    public let key: PrivateKey
    public init(certificate: X509Certificate, key: PrivateKey) {
        self.certificate = certificate
        self.key = key
    }
}

/// A place that takes part in the plan: `seeds/offices.json`.
public struct SeedOffice: Sendable, Hashable {
    public enum Kind: String, Sendable { case office, mission, mobileStation = "mobile_station" }
    public let id: String
    public let kind: Kind
    /// ISO 3166-2 (governorates) or 3166-1 (missions).
    public let iso: String
    public let arabic: String
    public let sorani: String
    public let latin: String
}

/// What the plant starts from: the folder `seeds/`, read once. Throws `seeds.unreadable` or `seeds.malformed`.
public struct SeedFolder: Sendable {
    struct Name: Sendable {
        let arabic: String
        let sorani: String
        let latin: String
    }

    public let offices: [SeedOffice]
    let male: [Name]
    let female: [Name]
    let families: [Name]
    private let path: String

    public init(path: String) throws(SakkError) {
        self.path = path
        let names = try SeedFolder.json("\(path)/names.json", schema: "sakk.seed-names/1")
        male = try SeedFolder.names(names["male"])
        female = try SeedFolder.names(names["female"])
        families = try SeedFolder.names(names["families"])
        let list = try SeedFolder.json("\(path)/offices.json", schema: "sakk.offices/1")
        offices = try (list["offices"]?.array ?? []).map { value throws(SakkError) -> SeedOffice in
            guard let id = value["id"]?.string, let iso = value["iso"]?.string, let arabic = value["arabic"]?.string,
                let kind = value["type"]?.string.flatMap(SeedOffice.Kind.init(rawValue:)),
                let sorani = value["sorani"]?.string, let latin = value["latin"]?.string
            else { throw SeedFolder.failure("seeds.malformed", "offices.json", "an office lacks a member") }
            return SeedOffice(id: id, kind: kind, iso: iso, arabic: arabic, sorani: sorani, latin: latin)
        }
        for kind in [SeedOffice.Kind.office, .mission, .mobileStation]
        where !offices.contains(where: { $0.kind == kind }) {
            throw SeedFolder.failure("seeds.malformed", "offices.json", "there is no \(kind.rawValue)")
        }
    }

    /// A signer of `test-pki/`, for example `approval-signer` or `rogue-signer`.
    public func signer(_ name: String = "approval-signer") throws(SakkError) -> SeedSigner {
        SeedSigner(
            certificate: try certificate(name), key: try PrivateKey(pem: try bytes("test-pki/\(name).key.pem")))
    }

    /// A certificate of `test-pki/`, for example `approval-ca`.
    public func certificate(_ name: String) throws(SakkError) -> X509Certificate {
        try X509Certificate(pem: try bytes("test-pki/\(name).pem"))
    }

    func bytes(_ name: String) throws(SakkError) -> Bytes { try SeedFolder.read("\(path)/\(name)") }

    private static func names(_ value: JSONValue?) throws(SakkError) -> [Name] {
        let names = (value?.array ?? []).compactMap { entry -> Name? in
            guard let arabic = entry["arabic"]?.string, let sorani = entry["sorani"]?.string,
                let latin = entry["latin"]?.string
            else { return nil }
            return Name(arabic: arabic, sorani: sorani, latin: latin)
        }
        guard !names.isEmpty else { throw failure("seeds.malformed", "names.json", "a list of names is empty") }
        return names
    }

    private static func json(_ path: String, schema: String) throws(SakkError) -> JSONValue {
        let bytes = try read(path)
        do {
            let value = try JSONValue(parsing: bytes)
            guard value["schema"]?.string == schema else {
                throw failure("seeds.malformed", path, "the schema is not \(schema)")
            }
            return value
        } catch let error as JSONSyntaxError {
            throw failure("seeds.malformed", path, "byte \(error.offset): \(error.reason)")
        } catch let error as SakkError {
            throw error
        } catch {
            throw failure("seeds.malformed", path, "it does not parse")
        }
    }

    private static func read(_ path: String) throws(SakkError) -> Bytes {
        guard let file = fopen(path, "rb") else {
            throw failure("seeds.unreadable", path, String(cString: strerror(errno)))
        }
        defer { fclose(file) }
        var bytes = Bytes()
        var buffer = Bytes(repeating: 0, count: 65536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            bytes += buffer[..<count]
            if count < buffer.count { break }
        }
        guard ferror(file) == 0 else { throw failure("seeds.unreadable", path, "reading stopped") }
        return bytes
    }

    private static func failure(_ code: SakkError.Code, _ source: String, _ text: String) -> SakkError {
        SakkError(code, source: source, text: text, remedy: "Give the folder `seeds` of the repository.")
    }
}
