import { SharedKeySource } from '@conclave/e2ee'
import { certifySession, openIntroduction } from '@conclave/e2ee/session'
import type { IntroductionStatus } from '@conclave/e2ee/session'
import { importSigningKeys } from '@conclave/e2ee/signing'
import { expect, test } from 'vitest'
import vectors from '../../../../spec/vectors/session.json' with { type: 'json' }
import { hexToBytes, participantIdOf, roomIdOf } from '../fixtures.ts'
import { sessionOfId } from './fixtures.ts'

test.each(vectors.introductions)(
  '[C11, C13] from $sender to $recipient, $status, $name',
  async (vector) => {
    const root = new SharedKeySource(hexToBytes(vector.root))
    const session = await sessionOfId(vector.sender)
    const { signingKey, agreementKey } = session
    const room = roomIdOf(vector.room)
    const [sender, self] = [vector.sender, vector.recipient].map(participantIdOf)
    if (sender === undefined || self === undefined) throw new Error('unreachable: two ids')
    const seed = vector.personSeed
    const keys = seed === null ? undefined : await importSigningKeys(hexToBytes(seed))
    const person = keys && (await certifySession(keys, { room, signingKey }))
    const answers = vector.answers === null ? undefined : hexToBytes(vector.answers)
    const { wantsAnswer, name } = vector
    const status = vector.status as IntroductionStatus

    const opened = await openIntroduction(hexToBytes(vector.bytes), { root, room, sender, self })
    expect(opened).toEqual({
      ...{ type: 'opened', sender: { id: sender, signingKey, agreementKey } },
      ...{ personKey: person?.personKey, person, status, wantsAnswer, answers, name },
      digest: hexToBytes(vector.digest),
    })
  },
)

test.each(vectors.droppedIntroductions)('[C14] $reason: $why', async (vector) => {
  const root = new SharedKeySource(hexToBytes(vector.root))
  const [sender, self] = [participantIdOf(vector.from), participantIdOf(vector.self)]
  const place = { root, room: roomIdOf(vector.room), sender, self }
  const opened = await openIntroduction(hexToBytes(vector.bytes), place)
  expect(opened.type === 'dropped' && opened.reason).toBe(vector.reason)
})
