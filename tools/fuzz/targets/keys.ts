/** Keys as others hand them over, and what they are proved with. */
import {
  createSealer,
  decodeParticipantKeyGrant,
  encodeParticipantKeyGrant,
  importAesGcmKeyFromBase64,
  openEvent,
  ParticipantKeySource,
  sealEventBinary,
} from '@conclave/e2ee'
import {
  createSigner,
  importSigningKeys,
  restoreSigningKeys,
  SignerDirectory,
} from '@conclave/e2ee/signing'
import { bytesToParticipantId, parseRoomId } from '@conclave/wire'
import type { ParticipantId } from '@conclave/wire'
import { hasTraps, hostileBytes, hostileCopy, hostileValue } from '../hostile.ts'
import { mutateBytes } from '../mutate.ts'
import { FuzzFailure, mustHold, toHex } from '../target.ts'
import type { FuzzTarget } from '../target.ts'

const grants: FuzzTarget = {
  name: 'keys/grant',
  share: 50,
  async prepare() {
    const source = new ParticipantKeySource(participantOf(1))
    const valid = [source.grantWithPast(), await source.grantEpoch(), await source.ratchet()].map(
      encodeParticipantKeyGrant,
    )
    return {
      attempt(random, note) {
        const input = random.oneIn(6)
          ? hostileBytes(random, random.pick(valid))
          : random.oneIn(8)
            ? random.oneIn(2)
              ? hostileCopy(random, random.pick(valid))
              : hostileValue(random)
            : mutateBytes(random, valid, 80)
        note(input)
        const grant = decodeParticipantKeyGrant(input)
        if (grant === undefined) return 'refused'
        const bytes = encodeParticipantKeyGrant(grant)
        if (!hasTraps(input)) {
          mustHold(toHex(bytes) === toHex(new Uint8Array(input as Uint8Array)), 'one encoding')
        }
        mustHold(JSON.stringify(grant).length < 40, 'does not show itself')
        return 'read'
      },
    }
  },
}

const participants: FuzzTarget = {
  name: 'keys/open-participant',
  share: 25,
  async prepare() {
    const room = parseRoomId('AAAAAAAAAAAAAAAAAAAAAQ')
    if (room === undefined) throw new Error('expected a room id')
    const [self, sender] = [participantOf(1), participantOf(2)]
    const theirs = new ParticipantKeySource(sender)
    const ours = new ParticipantKeySource(self)
    ours.setParticipantKey(sender, theirs.grantWithPast())
    const sealer = createSealer({ keys: theirs, room, unsafeSelf: sender })
    const valid: Uint8Array<ArrayBuffer>[] = []
    for (let round = 0; round < 12; round += 1) {
      valid.push((await sealer.seal({ kind: 1 }, new Uint8Array(round))).bytes)
      await theirs.ratchet()
    }
    const receiver = createSealer({ keys: ours, room, unsafeSelf: self })
    const known = new Set(valid.map(toHex))
    return {
      async attempt(random, note) {
        const bytes = mutateBytes(random, valid)
        note(bytes)
        if (known.has(toHex(bytes))) return 'a real one, kept'
        const opened = await receiver.open(sender, bytes)
        if (opened.type === 'opened') throw new FuzzFailure('forged', 'opened what nobody sealed')
        return opened.reason
      },
      async finish() {
        for (const bytes of valid) {
          const { type } = await receiver.open(sender, bytes)
          mustHold(type === 'opened', 'every real one still opens')
        }
      },
    }
  },
}

const signed: FuzzTarget = {
  name: 'keys/signed-event',
  share: 8,
  async prepare() {
    const key = await importAesGcmKeyFromBase64(Buffer.alloc(32, 5).toString('base64'))
    const [alice, mallory] = await Promise.all(
      [1, 2].map((fill) => importSigningKeys(new Uint8Array(32).fill(fill))),
    )
    if (alice === undefined || mallory === undefined) throw new Error('unreachable: two keys')
    const verifier = new SignerDirectory()
    verifier.add('alice', alice.publicKey)
    verifier.add('mallory', mallory.publicKey)
    const context = { kind: 'chat', roomId: 'r', messageId: 'm' } as const
    const seal = (keys: typeof alice, sender: string) =>
      sealEventBinary({ from: sender }, key, { ...context, sender, signer: createSigner(keys) })
    const real = [await seal(alice, 'alice'), await seal(mallory, 'mallory')]
    // Who has the key of the room can seal anything, as anybody: only the signature is missing.
    const unsigned = await sealEventBinary({ from: 'x' }, key, { ...context, sender: 'alice' })
    const borrowed = await seal(mallory, 'alice')
    const valid = [...real, unsigned, borrowed]
    const known = new Set(real.map(toHex))
    return {
      async attempt(random, note) {
        const bytes = random.oneIn(8) ? random.pick(valid) : mutateBytes(random, valid)
        note(bytes)
        const answer = await openEvent(bytes, key, { ...context, verifier })
        if (answer.type === 'dropped') return answer.reason
        if (!known.has(toHex(bytes))) throw new FuzzFailure('forged', 'opened what nobody signed')
        mustHold(
          JSON.stringify(answer.value) === `{"from":"${answer.sender}"}`,
          'the signer said it',
        )
        return 'opened'
      },
    }
  },
}

const storedKeys: FuzzTarget = {
  name: 'keys/restore-signing-keys',
  share: 5,
  async prepare() {
    const keys = await importSigningKeys(new Uint8Array(32).fill(1))
    const stored = keys.toStored()
    return {
      async attempt(random, note) {
        const input = random.oneIn(4) ? hostileValue(random) : hostileCopy(random, stored)
        note(input)
        const restored = await restoreSigningKeys(input)
        if (restored === undefined) return 'refused'
        mustHold(toHex(restored.publicKey) === toHex(keys.publicKey), 'halves belong together')
        return 'restored'
      },
    }
  },
}

function participantOf(fill: number): ParticipantId {
  const id = bytesToParticipantId(new Uint8Array(16).fill(fill))
  if (id === undefined) throw new Error('expected a participant id')
  return id
}

/** The targets of keys. */
export const KEY_TARGETS: readonly FuzzTarget[] = [...[grants, participants, signed, storedKeys]]
