import Catalog
import Ground

extension ConfigurationNode {
    /// `tls`: three files, relative to the folder of the configuration.
    func mutualTLS(_ place: (String) -> String) throws(SakkError) -> MutualTLS {
        let tls = try node("tls")
        return MutualTLS(
            authorities: place(try tls.string("authorities")), certificate: place(try tls.string("certificate")),
            key: place(try tls.string("key")))
    }

    /// `timeout_ms` and `connect_timeout_ms`, each with a default.
    func webLimits() throws(SakkError) -> WebLimits {
        var limits = WebLimits()
        limits.totalMilliseconds = try integer("timeout_ms", in: 100...600_000, orElse: limits.totalMilliseconds)
        limits.connectMilliseconds = try integer(
            "connect_timeout_ms", in: 100...60_000, orElse: limits.connectMilliseconds)
        return limits
    }

    func integer(_ key: String, in range: ClosedRange<Int>, orElse standard: Int) throws(SakkError) -> Int {
        has(key) ? try integer(key, in: range) : standard
    }

    /// `tries`, `first_pause_ms`, `longest_pause_ms`.
    func retryPolicy() throws(SakkError) -> RetryPolicy {
        var policy = RetryPolicy()
        policy.tries = try integer("tries", in: 1...1000, orElse: policy.tries)
        policy.firstPauseMilliseconds = try integer(
            "first_pause_ms", in: 10...60_000, orElse: policy.firstPauseMilliseconds)
        policy.longestPauseMilliseconds = try integer(
            "longest_pause_ms", in: 10...3_600_000, orElse: policy.longestPauseMilliseconds)
        return policy
    }
}

/// Resolves what a configuration file names against the folder it stands in.
struct ConfigurationPlace {
    private let folder: String

    init(file: String) {
        folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    }

    func callAsFunction(_ path: String) -> String {
        path.hasPrefix("/") || folder.isEmpty ? path : folder + "/" + path
    }
}
