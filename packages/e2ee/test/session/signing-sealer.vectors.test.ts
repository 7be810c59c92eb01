import { SharedKeySource } from '@conclave/e2ee'
import type { Sealer } from '@conclave/e2ee'
import { createSessionKeys, createSessionSealer } from '@conclave/e2ee/session'
import { describe, expect, test } from 'vitest'
import vectors from '../../../../spec/vectors/session.json' with { type: 'json' }
import { hexToBytes, outcome, participantIdOf, roomIdOf } from '../fixtures.ts'
import { sessionNamed } from './fixtures.ts'

describe('sealed messages to a room', () => {
  const receiver = async (root: string, room: string): Promise<Sealer> => {
    const { signingKey } = await sessionNamed('alice')
    return createSessionSealer({
      ...{ keys: new SharedKeySource(hexToBytes(root)), room: roomIdOf(room) },
      session: await createSessionKeys(),
      signingKeys: new Map([[participantIdOf(vectors.sessions.alice.id), signingKey]]),
    })
  }
  const alice = participantIdOf(vectors.sessions.alice.id)

  test.each(vectors.sealedRoomMessages)('[C22] kind $kind, sequence $sequence', async (vector) => {
    const sealer = await receiver(vector.root, vector.room)
    const { kind, sequence, content } = vector
    expect(await sealer.open(alice, hexToBytes(vector.bytes))).toMatchObject({
      ...{ type: 'opened', kind, sequence: BigInt(sequence), body: hexToBytes(content) },
    })
  })

  test.each(vectors.forgedRoomMessages)('[C22] refused: $why', async ({ root, room, bytes }) => {
    const sealer = await receiver(root, room)
    expect(outcome(await sealer.open(alice, hexToBytes(bytes)))).toBe('not-authentic')
  })
})
