import { ParticipantKeySource, randomParticipantId } from '@conclave/e2ee'
import type { FrameCrypto } from '@conclave/media'
import type { ParticipantId } from '@conclave/wire'
import { expect, onTestFinished, test } from 'vitest'
import { connect, createSide, framesDecoded } from '../support/call.ts'
import type { Call, Side } from '../support/call.ts'

const within = { timeout: 20_000, interval: 100 }

interface Member {
  readonly id: ParticipantId
  readonly keys: ParticipantKeySource
  readonly side: Side
}

function join(): Member {
  const id = randomParticipantId()
  const keys = new ParticipantKeySource(id)
  const side = createSide({ self: id, keys })
  onTestFinished(() => side.crypto.close())
  return { id, keys, side }
}

async function call(from: Member, to: Member): Promise<Call> {
  const started = await connect({ from: from.side, to: to.side })
  onTestFinished(() => started.close())
  await started.isProtected
  await started.startTracks()
  return started
}

const droppedAt = async (crypto: FrameCrypto): Promise<number> => {
  const { dropped } = await crypto.stats()
  return dropped['missing-key'] + dropped['not-authentic']
}

/** The picture goes on: more frames than a buffer holds. */
async function expectPicture(running: Call): Promise<void> {
  const before = await framesDecoded(running)
  await expect.poll(() => framesDecoded(running), within).toBeGreaterThan(before + 20)
}

test('[K31, K32, M15] in a running call members follow a ratchet, and a rotation locks out a participant that left', async () => {
  const [alice, bob, leaver] = [join(), join(), join()]
  for (const member of [bob, leaver])
    member.keys.setParticipantKey(alice.id, alice.keys.grantWithPast())
  const [toBob, toLeaver] = [await call(alice, bob), await call(alice, leaver)]
  await expectPicture(toBob)
  await expectPicture(toLeaver)

  const first = await alice.side.crypto.describe()
  const newcomer = join()
  newcomer.keys.setParticipantKey(alice.id, await alice.keys.ratchet())
  await expect.poll(() => alice.side.crypto.describe(), within).not.toBe(first)
  const toNewcomer = await call(alice, newcomer)
  for (const running of [toBob, toLeaver, toNewcomer]) await expectPicture(running)
  expect(await droppedAt(bob.side.crypto)).toBe(0)
  // A frame in a later step moves the receiver nowhere: it is no word of the sender.
  expect(bob.keys.epochEndingIn(65, alice.id)).toBeUndefined()

  const grant = alice.keys.prepareRotation()
  for (const member of [bob, newcomer]) member.keys.setParticipantKey(alice.id, grant)
  alice.keys.completeRotation()
  const before = await droppedAt(leaver.side.crypto)
  await expect.poll(() => droppedAt(leaver.side.crypto), within).toBeGreaterThan(before + 60)
  const last = await framesDecoded(toLeaver)
  for (const running of [toBob, toNewcomer]) await expectPicture(running)
  expect(await framesDecoded(toLeaver)).toBe(last)
  expect(await droppedAt(bob.side.crypto)).toBe(0)
})
