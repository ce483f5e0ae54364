public import DocumentWriter
public import Ground
import LDS
import OpenSSLCrypto
import Synchronization

/// The document signers of a line, in the order of their turns: the first that may sign now signs. One is passed over
/// outside its usage period (9303-12 7.1.1: PrivateKeyUsagePeriod, certificate validity) and when it signed as often as it
/// may; so signers take over by date and by count, without a stop.
public final class SignerRing: Sendable {
    public struct Member: Sendable {
        public let signer: DocumentSigner
        /// Attempts that it may sign; nil without a limit.
        public let attemptsMax: Int?
        /// Attempts that it signed before this process began.
        public let used: Int

        public init(_ signer: DocumentSigner, attemptsMax: Int? = nil, used: Int = 0) {
            self.signer = signer
            self.attemptsMax = attemptsMax
            self.used = used
        }
    }

    /// What `sakk keys` shows of a member.
    public struct Standing: Sendable, Equatable {
        /// SHA-256 of the certificate in hexadecimal digits.
        public let name: String
        public let used: Int
        public let attemptsMax: Int?
        /// Why it may not sign; nil when it may.
        public let refusal: String?
    }

    private let members: [(member: Member, name: String)]
    private let counts: Mutex<[Int]>
    /// What was signed a moment ago: an attempt that comes again was refused by the books.
    private let recent = Mutex<[AttemptID]>([])

    public init(_ members: [Member]) {
        self.members = members.map { ($0, Digest.sha256($0.signer.certificate.der).hex) }
        counts = Mutex(members.map(\.used))
    }

    /// Attempts that each may sign, by name; without those that have no limit.
    public var limits: [String: Int] {
        Dictionary(members.compactMap { entry in entry.member.attemptsMax.map { (entry.name, $0) } }) { min($0, $1) }
    }

    public convenience init(_ signer: DocumentSigner) { self.init([Member(signer)]) }

    /// Whether this attempt was signed a moment ago: its signer may be spent, by another controller, and the counts are to be
    /// read again.
    func comesAgain(_ attempt: AttemptID) -> Bool {
        recent.withLock { recent in
            if recent.contains(attempt) { return true }
            recent.append(attempt)
            if recent.count > 64 { recent.removeFirst() }
            return false
        }
    }

    /// What the books count by now, by the signers' names; what this process took and has not entered yet comes on top.
    func learn(_ used: [String: Int]) {
        counts.withLock { counts in
            for index in members.indices { counts[index] = max(counts[index], used[members[index].name] ?? 0) }
        }
    }

    /// Who signs one attempt's document now; counts it. `documentCode` as in the zone, for example `P`, and `state` its
    /// issuing state; `expires`: the last day of the document, which the signer's certificate must
    /// outlive (9303-12 clause 7.1.1: its validity is the usage period and the longest document's).
    ///
    /// Throws `keys.signer.none` with the reason of each signer.
    public func take(
        at time: WallTime, documentCode: String, state: String, expires: CivilDate? = nil
    ) throws(SakkError) -> (signer: DocumentSigner, name: String) {
        let taken = counts.withLock { counts -> Int? in
            guard
                let index = members.indices.first(where: {
                    refusal(members[$0].member, counts[$0], time, documentCode, state, expires) == nil
                })
            else { return nil }
            counts[index] += 1
            return index
        }
        guard let taken else {
            let reasons = standing(at: time, documentCode: documentCode, state: state, expires: expires).map {
                "\($0.name.prefix(8)): \($0.refusal ?? "")"
            }
            throw SakkError(
                "keys.signer.none", source: "keys", subject: documentCode,
                text: "No document signer may sign now (\(reasons.joined(separator: "; "))).",
                remedy: "Have the country signing authority certify the next signer and name it in the line's file.")
        }
        return (members[taken].member.signer, members[taken].name)
    }

    public func standing(
        at time: WallTime, documentCode: String? = nil, state: String? = nil, expires: CivilDate? = nil
    ) -> [Standing] {
        let counts = counts.withLock { $0 }
        return members.indices.map { index in
            let member = members[index].member
            return Standing(
                name: members[index].name, used: counts[index], attemptsMax: member.attemptsMax,
                refusal: refusal(member, counts[index], time, documentCode, state, expires))
        }
    }

    private func refusal(
        _ member: Member, _ used: Int, _ time: WallTime, _ documentCode: String?, _ state: String?,
        _ expires: CivilDate?
    ) -> String? {
        let certificate = member.signer.certificate
        let period = certificate.privateKeyUsage
        if let from = period.from, time < from { return "its usage period begins \(from.date)" }
        if let until = period.until, until < time { return "its usage period ended \(until.date)" }
        if !certificate.isValid(at: time) { return "its certificate is not valid now" }
        if let limit = member.attemptsMax, used >= limit { return "it signed \(used) attempts of \(limit)" }
        if let documentCode, let types = certificate.documentTypes,
            !types.contains(where: { $0 == documentCode || $0 == documentCode.prefix(1) })
        {
            return "it is for \(types.joined(separator: ", "))"
        }
        if let state, let country = CountryCode.twoLetters(state), country != certificate.countryName {
            return "it is of another country than \(state)"
        }
        if let expires, certificate.notAfter.date < expires {
            return "its certificate ends \(certificate.notAfter.date), before the document does"
        }
        return nil
    }
}
