/** The life of a connection, from the challenge to its end. */
export type ConnectionState =
  /** Nothing is granted yet: only `join` and `ping` are accepted. spec H10 */
  | { readonly state: 'challenged' }
  /** In at least one channel, or entering the next one after a first grant. */
  | { readonly state: 'joined' }
  /** Granted before, and in no channel now. */
  | { readonly state: 'idle' }
  /** Ended by either side: nothing is sent or accepted. `code` is the close code of the side that was first. */
  | { readonly state: 'ended'; readonly code: number }

/** An event that changes the state of a connection. */
export type ConnectionInput =
  | { readonly type: 'joined' }
  | { readonly type: 'leftLastChannel' }
  | { readonly type: 'ended'; readonly code: number }

/** The state of every new connection. */
export const FIRST_STATE: ConnectionState = { state: 'challenged' }

/** The state after an input; the same object when nothing changed. An ended connection stays ended. */
export function nextState(state: ConnectionState, input: ConnectionInput): ConnectionState {
  if (state.state === 'ended') return state
  switch (input.type) {
    case 'joined':
      return JOINED
    case 'leftLastChannel':
      return IDLE
    case 'ended':
      return { state: 'ended', code: input.code }
  }
}

/** Whether the connection must join within `joinDeadlineMs`. spec H11 */
export function hasJoinDeadline({ state }: ConnectionState): boolean {
  return state === 'challenged' || state === 'idle'
}

const JOINED: ConnectionState = { state: 'joined' }
const IDLE: ConnectionState = { state: 'idle' }
