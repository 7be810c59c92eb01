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
  | 'not-sealed'
  | 'not-opened'
