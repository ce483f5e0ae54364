/// The two identifiers of a name (ICAO Doc 9303-3, 3.4 and 4.6): one division for the visual zone, the machine readable zone
/// and EF.DG11. The surname is primary; given, father's and grandfather's names are secondary, as in Doc 9303's own example
/// AL-BASRI, HUDA MUHAMMAD JAWAD.
extension ApprovedRecord.Names {
    /// The surname; without one the last of the other names, which then is no secondary identifier.
    public var primaryIdentifier: String { identifiers.last ?? "" }

    /// In the order of speech: given, father's, grandfather's name. Empty for a person of one name.
    public var secondaryIdentifiers: [String] { Array(identifiers.dropLast()) }

    private var identifiers: [String] { [given, father, grandfather, surname].filter { !$0.isEmpty } }
}
