import IPv8Wire

/// One side of the live sessions of a lane, found by their local id; each in place, never copied.
@safe
struct SessionTable<Session: ~Copyable>: ~Copyable, @unchecked Sendable {
  private var storage: UnsafeMutablePointer<Session>
  private var capacity = 8
  private var ids: [SessionID] = []
  private var places: [SessionID: Int] = [:]
  /// The session that was asked for last: most records belong to it.
  private var recent: (id: SessionID, place: Int)?

  init() { unsafe storage = .allocate(capacity: capacity) }

  deinit {
    unsafe storage.deinitialize(count: ids.count)
    unsafe storage.deallocate()
  }

  var count: Int { ids.count }

  func id(at place: Int) -> SessionID { ids[place] }

  /// The place of a session until the next ``remove(_:)``; nil for an unknown id.
  func place(of id: SessionID) -> Int? { places[id] }

  /// As ``place(of:)``, quick when asked for the same session again.
  mutating func recall(_ id: SessionID) -> Int? {
    if let recent, recent.id == id { return recent.place }
    guard let place = places[id] else { return nil }
    recent = (id, place)
    return place
  }

  /// Whether the session found at `place` earlier is there still.
  func holds(_ id: SessionID, at place: Int) -> Bool { place < ids.count && ids[place] == id }

  /// Traps unless `place` is one of `0..<count`.
  subscript(place: Int) -> Session {
    unsafeAddress {
      precondition(place >= 0 && place < ids.count, "a place in the table")
      // Sound: the places below `count` are initialised.
      return unsafe UnsafePointer(storage + place)
    }
    unsafeMutableAddress {
      precondition(place >= 0 && place < ids.count, "a place in the table")
      return unsafe storage + place
    }
  }

  /// Returns the place of the session, whose id must be new.
  mutating func insert(_ session: consuming Session, id: SessionID) -> Int {
    if ids.count == capacity { grow() }
    let place = ids.count
    // Sound: capacity exceeds count, and the place is not initialised.
    unsafe (storage + place).initialize(to: session)
    places[id] = place
    ids.append(id)
    return place
  }

  /// Removes the session and moves the last one into its place.
  mutating func remove(_ id: SessionID) {
    guard let place = places.removeValue(forKey: id) else { return }
    recent = nil
    unsafe (storage + place).deinitialize(count: 1)
    let last = ids.removeLast()
    guard place != ids.count else { return }
    // Sound: the last place is initialised, this one no longer is.
    unsafe (storage + place).moveInitialize(from: storage + ids.count, count: 1)
    ids[place] = last
    places[last] = place
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Session>.allocate(capacity: capacity * 2)
    unsafe larger.moveInitialize(from: storage, count: ids.count)
    unsafe storage.deallocate()
    unsafe storage = larger
    capacity *= 2
  }
}
