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

/** The address of the sending side of one peer, or of all sending sides of the room. */
export function senderNamespace(room: string, peer?: string): Namespace {
  return peer === undefined ? ['sender', room] : ['sender', room, peer]
}

/** The address of the receiving side of one peer, or of all receiving sides of the room. */
export function receiverNamespace(room: string, peer?: string): Namespace {
  return peer === undefined ? ['receiver', room] : ['receiver', room, peer]
}
