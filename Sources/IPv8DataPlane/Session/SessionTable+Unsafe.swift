import IPv8Wire
import P2TP

/// The live sessions of a lane, found by their local id; each in place, never copied.
@safe
struct SessionTable: ~Copyable, @unchecked Sendable {
  private var storage: UnsafeMutablePointer<Session>
  private var capacity = 8
  private(set) var count = 0
  private var places: [SessionID: Int] = [:]

  init() { unsafe storage = .allocate(capacity: capacity) }

  deinit {
    unsafe storage.deinitialize(count: count)
    unsafe storage.deallocate()
  }

  /// The place of a session until the next ``remove(_:)``; nil for an unknown id.
  func place(of id: SessionID) -> Int? { places[id] }

  /// Traps unless `place` is one of `0..<count`.
  subscript(place: Int) -> Session {
    unsafeAddress {
      precondition(place >= 0 && place < count, "a place in the table")
      // Sound: the places below `count` are initialised.
      return unsafe UnsafePointer(storage + place)
    }
    unsafeMutableAddress {
      precondition(place >= 0 && place < count, "a place in the table")
      return unsafe storage + place
    }
  }

  /// Returns the place of the session.
  mutating func insert(_ session: consuming Session) -> Int {
    if count == capacity { grow() }
    places[session.localID] = count
    // Sound: capacity exceeds count, and the place is not initialised.
    unsafe (storage + count).initialize(to: session)
    count += 1
    return count - 1
  }

  /// Removes the session and moves the last one into its place.
  mutating func remove(_ id: SessionID) {
    guard let place = places.removeValue(forKey: id) else { return }
    unsafe (storage + place).deinitialize(count: 1)
    count -= 1
    guard place != count else { return }
    // Sound: the last place is initialised, this one no longer is.
    unsafe (storage + place).moveInitialize(from: storage + count, count: 1)
    let moved = unsafe storage[place].localID
    places[moved] = place
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Session>.allocate(capacity: capacity * 2)
    unsafe larger.moveInitialize(from: storage, count: count)
    unsafe storage.deallocate()
    unsafe storage = larger
    capacity *= 2
  }
}
