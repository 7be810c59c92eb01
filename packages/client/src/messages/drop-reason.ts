import type { Opened } from '@conclave/e2ee'
import type { TransportDrop } from '../transport.ts'

/** Why something was dropped. */
export type DropReason =
  | Extract<Opened, { type: 'dropped' }>['reason']
  | TransportDrop
  | 'malformed-body'
  | 'unknown-sender'
  | 'not-in-roster'
  | 'flood'
  | 'lost'
  /** It was said while this session was not in the roster of its sender. spec R53 */
  | 'missed'
  /** It came under a key that had ended. spec R55 */
  | 'ended-key'
  /** A key was not one, or came too late. spec R46 */
  | 'refused-key'
  /** Nobody here listens to it. spec R174 */
  | 'not-heard'
  | 'not-sealed'
  | 'not-opened'
