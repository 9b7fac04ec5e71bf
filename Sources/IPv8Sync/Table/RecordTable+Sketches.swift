public import IPv8Wire

extension RecordTable {
  /// Works on the sketch for `salt` until it has all records from `floor` on or this call added
  /// `budget` of them; true when it has all. What a sketch has is kept up from then on, so only the
  /// first session of a pair has this to pay.
  ///
  /// - Parameter floor: the first coarse time (``RecordName/time``) that counts; 0 for all.
  public mutating func prepare(
    salt: SyncSalt, floor: UInt32 = 0, budget: Int = .max, symbolCount: Int = SyncLimits.symbolLimit
  ) -> Bool {
    let lower = RecordName.first(of: floor).value
    let index = sketches.open(salt: salt, floor: lower, symbolCount: symbolCount)
    guard !sketches.shelved[index].isComplete else { return true }
    let covered = sketches.shelved[index].covered
    var elements: [SyncElement] = []
    elements.reserveCapacity(min(budget, count))
    var last: TableEntry?
    visit(NameRange(lower: covered?.name.value ?? lower, upper: nil)) { entry in
      if let covered, !covered.precedes(entry) { return true }
      guard elements.count < budget else { return false }
      elements.append(element(of: entry, salt: salt))
      last = entry
      return true
    }
    sketches.extend(index, by: elements, to: last)
    guard elements.count < budget else { return false }
    sketches.complete(index)
    return true
  }

  /// The sketch for `salt`, where it is there and whole; a value, that later changes leave alone.
  func sketch(salt: SyncSalt, floor: UInt32) -> Sketch? {
    let lower = RecordName.first(of: floor).value
    guard let index = sketches.index(salt: salt, floor: lower),
      sketches.shelved[index].isComplete
    else { return nil }
    return sketches.shelved[index].sketch
  }

  /// Lets go of what was kept for a pair.
  public mutating func close(salt: SyncSalt) { sketches.close(salt: salt) }

  /// Elements that the peer has and this host does not want count as known from now on.
  mutating func decline(_ elements: [SyncElement], salt: SyncSalt, floor: UInt32, at now: WallTime)
  {
    let lower = RecordName.first(of: floor).value
    guard let index = sketches.index(salt: salt, floor: lower) else { return }
    sketches.decline(index, elements, at: now.milliseconds / 1_000)
  }

  /// Whether an element is in the sketch for `salt`, as a record of the table or as declined.
  func counts(_ element: SyncElement, salt: SyncSalt, floor: UInt32) -> Bool {
    element.name >= RecordName.first(of: floor)
      && (entry(of: element, salt: salt) != nil
        || isDeclined(element, salt: salt, floor: floor))
  }

  func isDeclined(_ element: SyncElement, salt: SyncSalt, floor: UInt32) -> Bool {
    let lower = RecordName.first(of: floor).value
    guard let index = sketches.index(salt: salt, floor: lower) else { return false }
    return sketches.shelved[index].declined[element] != nil
  }

  /// The peer has them no more.
  mutating func forget(_ elements: [SyncElement], salt: SyncSalt, floor: UInt32) {
    let lower = RecordName.first(of: floor).value
    guard let index = sketches.index(salt: salt, floor: lower) else { return }
    for element in elements { sketches.forget(index, element) }
  }

  /// What was declined of `signer` is looked at again: its score rose.
  public mutating func reconsider(_ signer: PermID) {
    let key = SignerKey(signer)
    sketches.forget { element, _, salt in salt.tag(key) == element.tag }
  }

  /// What was declined before `moment` is looked at again.
  public mutating func reconsider(before moment: WallTime) {
    sketches.forget { _, since, _ in since < moment.milliseconds / 1_000 }
  }
}
