import IPv8Records
import IPv8Sync
import IPv8Trust
import IPv8Wire

extension Directory {
  mutating func takeBinding(_ offer: Offer, at now: Moment) -> RecordVerdict {
    let bytes = offer.bytes
    guard bytes.count <= BindingRecord.byteLimit,
      let (record, count) = BindingRecord.parse(bytes.rawSpan), bytes.count == count + 64
    else { return .refused(.malformed) }
    let known = table[record.permID]
    if let known {
      guard !isShunned(known) else { return .refused(.blocked) }
      if let verdict = succession(of: record, bytes, to: known) { return verdict }
    }
    if let refusal = refusal(of: record, at: now) { return .refused(refusal) }
    guard offer.isAsked || hasRoom(for: known) else { return .refused(.full) }
    if let known, !offer.isAsked, offer.source != .file, !table.rows[Int(known)].binding.isEmpty,
      !table.rows[Int(known)].admitsChange(at: now.boot)
    {
      guard offer.source == .own else { return .refused(.tooOften) }
      pendingOwn = bytes
      return .deferred
    }
    if let verdict = permit(offer, at: now) { return verdict }
    do throws(SignedBinding.Refusal) {
      let binding = try SignedBinding(verifying: bytes, at: now.wall)
      guard put(binding, bytes, at: now) else { return .refused(.full) }
    } catch {
      return .refused(RecordRefusal(error))
    }
    if let number = table[record.permID] {
      table.rows[Int(number)].noteChange(at: now.boot)
      noteNews(
        SyncScope(ofBindingAt: record.timestamp, at: now), from: offer.source, at: now.boot)
      found(number, at: now)
    }
    return .accepted
  }

  /// What the record is beside the one in the table; nil: newer. Of two with one timestamp that with the
  /// larger id counts, so that all hosts keep the same one.
  private func succession(
    of record: BindingRecord, _ bytes: [UInt8], to known: PeerNumber
  ) -> RecordVerdict? {
    let row = table.rows[Int(known)]
    guard !row.binding.isEmpty, record.timestamp <= row.bindingTime else { return nil }
    guard record.timestamp == row.bindingTime else { return .older }
    let body = bytes.dropLast(64)
    if body == row.binding.dropLast(64) { return .known }
    let (mine, other) = (
      RecordID(body: Array(row.binding.dropLast(64))), RecordID(body: Array(body))
    )
    return (mine.high, mine.low) < (other.high, other.low) ? nil : .older
  }

  /// Why the record is refused without a look at its signature.
  private func refusal(of record: BindingRecord, at now: Moment) -> RecordRefusal? {
    if record.timestamp.milliseconds > now.wall.milliseconds + SignedBinding.futureLimit {
      return .fromFuture
    }
    return record.expiry < now.wall ? .expired : nil
  }

  /// Puts a verified binding into the tables, in the place of an older one.
  mutating func put(_ binding: SignedBinding, _ bytes: [UInt8], at now: Moment) -> Bool {
    guard let number = number(making: binding.record.permID) else { return false }
    removeBinding(number)
    noteSigner(number)
    let summary = RecordSummary(binding.record, body: [UInt8](bytes.dropLast(64)))
    table.rows[Int(number)].binding = bytes
    table.rows[Int(number)].bindingTime = binding.record.timestamp
    table.rows[Int(number)].expiry = UInt32(
      clamping: binding.record.expiry.milliseconds / 1_000 + 1)
    table.bindings[summary.id] = number
    books.bindings.table.insert(summary)
    store(.binding(binding))
    makeRoom(at: now)
    return true
  }

  /// Takes the peer's binding out of the tables, where it has one; not out of the store.
  mutating func removeBinding(_ number: PeerNumber) {
    let bytes = table.rows[Int(number)].binding
    guard let summary = SyncScope.bindings.summary(of: bytes) else { return }
    table.rows[Int(number)].binding = []
    table.bindings[summary.id] = nil
    books.bindings.table.remove(summary)
    if !table.rows[Int(number)].isSigner { noteSignerGone(number) }
  }

  /// The peer's binding; nil where there is none, or it was withdrawn.
  public func binding(of peer: PermID) -> SignedBinding? {
    guard let number = table[peer], let binding = table.rows[Int(number)].signedBinding,
      !binding.record.flags.contains(.withdrawn)
    else { return nil }
    return binding
  }

  /// Whose address it is, of the peers that are known.
  public func permID(at address: OverlayAddress) -> PermID? {
    table.number(at: address).map { table.name($0) }
  }

  /// The newest timestamp of this host's own binding that is known, be it from peers: a newer binding
  /// has to be later.
  public var ownBindingTimestamp: WallTime? {
    let row = table.rows[0]
    return row.binding.isEmpty ? nil : row.bindingTime
  }
}

extension BindingRecord {
  /// When nobody believes it any more.
  var expiry: WallTime {
    let end = timestamp.milliseconds.addingReportingOverflow(
      UInt64(lifetime) * 1_000 + SignedBinding.expiryGrace)
    return WallTime(milliseconds: end.overflow ? .max : end.partialValue)
  }
}

extension RecordRefusal {
  init(_ refusal: SignedBinding.Refusal) {
    self =
      switch refusal {
      case .malformed: .malformed
      case .forged: .forged
      case .fromFuture: .fromFuture
      case .expired: .expired
      case .unusableEndpoint: .unusableEndpoint
      }
  }
}
