import IPv8Wire

/// What can be asked of a peer: answered by the daemon's engine, by the state directory while the
/// daemon is down, and by ``ControlClient`` on behalf of either side of a socket.
public protocol ControlBackend: TrustBackend, ClassBackend {
  func version() async throws(ControlError) -> VersionReport
  func identity() async throws(ControlError) -> IdentityReport
  func status() async throws(ControlError) -> StatusReport
  /// The contacts, the first added first.
  func peers() async throws(ControlError) -> [PeerReport]
  /// Adds a contact, or changes one: what `addition` does not give stays as it was.
  func addPeer(
    _ permID: PermID, _ addition: PeerAddition
  ) async throws(ControlError) -> PeerReport
  func removePeer(_ selector: PeerSelector) async throws(ControlError)
  /// Signs what the user says of peers; what it said already is not signed again. In the order of
  /// `wishes`.
  func signRelations(
    _ wishes: [RelationWish]
  ) async throws(ControlError) -> [SignedRelationReport]
  /// Sends one echo over the overlay, opening a session if there is none, and waits for its return.
  func ping(_ request: PingRequest) async throws(ControlError) -> PingReport
  /// Explains why the path to a peer is what it is.
  func why(_ selector: PeerSelector) async throws(ControlError) -> WhyReport
  /// How good the paths to all contacts are, the first added first.
  func paths() async throws(ControlError) -> [PathQualityReport]
  func path(_ query: PathQuery) async throws(ControlError) -> PathQualityReport
  /// Finds out what network this machine is in.
  func netcheck(_ request: NetcheckRequest) async throws(ControlError) -> NetcheckReport
  /// How many records of others are kept.
  func records() async throws(ControlError) -> RecordsReport
  /// A part of all records: the first, or the one that begins where `cursor`, the `next` of the one
  /// before, says.
  func exportRecords(after cursor: String?) async throws(ControlError) -> RecordPage
  /// Takes records in whose signatures are good.
  func importRecords(_ records: RecordImport) async throws(ControlError) -> RecordImportReport
  /// Begins an orderly end: the answer comes before the end.
  func down() async throws(ControlError)
}
