/**
 * The addresses of signalling messages.
 *
 * @module
 */

/**
 * The address of a message: `['sender', room]` (all senders of a room), `['sender', room, id]` (one of them),
 * `['receiver', room]`, `['receiver', room, id]`. Compared element by element. spec S1
 */
export type Namespace = readonly string[]

/** One key for a namespace, for use in maps: different namespaces never share it. */
export function namespaceKey(namespace: Namespace): string {
  return JSON.stringify(namespace)
}

/** A side of connections, as the first element of a namespace. */
export type Side = 'sender' | 'receiver'

/** The address of a side of one peer, or of that of all peers in the room. */
export function namespaceOf(side: Side, room: string, peer?: string): Namespace {
  return peer === undefined ? [side, room] : [side, room, peer]
}
