import { concatBytes, textToBytes } from '@conclave/base'
import type { KeyPurpose } from '../keys/event-keys.ts'
import type { EventKind } from './event-context.ts'
import { encodeKind } from './event-header.ts'

/** The purpose of the keys of a kind of event. spec P25 */
export const eventPurpose = (kind: EventKind): KeyPurpose => ({
  label: 'conclave/1 event',
  id: kind,
  context: ({ keyId, sender }) => {
    const id = textToBytes(keyId)
    return concatBytes([encodeKind(kind), id.length], id, textToBytes(sender))
  },
})
