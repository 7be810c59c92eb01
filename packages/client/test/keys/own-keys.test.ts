import { VirtualClock } from '@conclave/base/testing'
import { ParticipantKeySource, randomParticipantId } from '@conclave/e2ee'
import type { ParticipantId } from '@conclave/wire'
import { expect, test } from 'vitest'
import { KEY_LIMITS } from '../../src/keys/key-schedule.ts'
import { OwnKeys } from '../../src/keys/own-keys.ts'

test('[R47] somebody who leaves while the next key is derived is not given it', async () => {
  const [self, alice, bob, carol] = Array.from({ length: 4 }, () => randomParticipantId()) as [
    ParticipantId,
    ParticipantId,
    ParticipantId,
    ParticipantId,
  ]
  const source = new ParticipantKeySource(self)
  const keys = new OwnKeys({ source, self, clock: new VirtualClock(), limits: KEY_LIMITS })
  const given: ParticipantId[] = []
  keys.carryBy({
    roomNext: 0,
    canReach: () => true,
    give: (id) => Promise.resolve(given.push(id)),
  })
  keys.entered(alice)
  await keys.advance()
  keys.messageSealed()
  keys.entered(bob)
  keys.entered(carol)
  const done = keys.advance()
  expect(keys.left(bob)).toBe(true)
  await done
  expect(given).toEqual([alice, carol])
  keys.close()
})
