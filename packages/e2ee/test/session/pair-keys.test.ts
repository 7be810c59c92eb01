import '../../../../tools/web-platform.ts'
import { generateAgreementPair, generateSigningPair } from '@conclave/crypto'
import { ParticipantKeySource, SharedKeySource } from '@conclave/e2ee'
import type { EventKeys } from '@conclave/e2ee'
import {
  createPairKeys,
  createSessionKeys,
  openIntroduction,
  sealIntroduction,
  SessionKeys,
} from '@conclave/e2ee/session'
import type { SessionIdentity } from '@conclave/e2ee/session'
import { idToBytes } from '@conclave/wire'
import { afterEach, describe, expect, test, vi } from 'vitest'
import vectors from '../../../../spec/vectors/session.json' with { type: 'json' }
import { bytesToHex, failureOf, hexToBytes, OTHER_ROOM, ROOM, rootOf } from '../fixtures.ts'
import { openDirect, sealDirect, sourceOf } from './fixtures.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const root = new SharedKeySource(rootOf(1))
const [alice, bob, carol] = [
  await createSessionKeys(),
  await createSessionKeys(),
  await createSessionKeys(),
]
const identityOf = ({ id, signingKey, agreementKey }: SessionIdentity): SessionIdentity => ({
  ...{ id, signingKey, agreementKey },
})
const pairOf = (session: SessionKeys, peer: SessionIdentity, change: object = {}) =>
  createPairKeys({ session, root, room: ROOM, peer: identityOf(peer), ...change })

const DIRECTIONS = [
  { from: alice.id, to: bob.id },
  { from: bob.id, to: alice.id },
]

test('[C15] two sessions that introduced themselves say things to each other, in both directions', async () => {
  const introduce = async (session: SessionKeys, to: SessionKeys): Promise<SessionIdentity> => {
    const place = { root, session, room: ROOM, recipient: to.id }
    const { bytes } = await sealIntroduction({ status: 'asks' }, place)
    const at = { root, room: ROOM, sender: session.id, self: to.id }
    const opened = await openIntroduction(bytes, at)
    if (opened.type !== 'opened') throw new Error(`dropped: ${opened.reason}`)
    return opened.sender
  }
  const keysById = new Map<string, EventKeys>([
    [alice.id, await pairOf(alice, await introduce(bob, alice))],
    [bob.id, await pairOf(bob, await introduce(alice, bob))],
  ])
  for (const direction of DIRECTIONS) {
    const [own, other] = [keysById.get(direction.from), keysById.get(direction.to)]
    if (own === undefined || other === undefined) throw new Error('unreachable: two keys')
    const bytes = await sealDirect(own, direction)
    expect(await openDirect(bytes, other, direction)).toBe('opened: only for you')
  }
})

describe('a third member, who holds the root and both introductions', () => {
  /** The public keys of another session with fresh private halves. */
  const posingAs = async (victim: SessionKeys): Promise<SessionKeys> => {
    const [signing, agreement] = [await generateSigningPair(), await generateAgreementPair()]
    return new SessionKeys(victim.id, {
      signing: { publicKey: victim.signingKey, privateKey: signing.privateKey },
      agreement: { publicKey: victim.agreementKey, privateKey: agreement.privateKey },
    })
  }
  const saltOf = async (one: SessionKeys, other: SessionKeys): Promise<Uint8Array> => {
    const ids = Uint8Array.from([...idToBytes(one.id), ...idToBytes(other.id)])
    return root.export('conclave/1 pair', ids, 32)
  }
  const attacks: readonly [name: string, make: () => Promise<EventKeys>][] = [
    ['the root of the room, as every member has it', async () => root],
    ['the salt of the pair, as a root', async () => new SharedKeySource(await saltOf(alice, bob))],
    ['the salt in the other order', async () => new SharedKeySource(await saltOf(bob, alice))],
    ['her pair with Alice', () => pairOf(carol, alice)],
    ['her pair with Bob', () => pairOf(carol, bob)],
    ['her private keys under Alice’s id', async () => pairOf(await posingAs(alice), bob)],
    ['her private keys under Bob’s id', async () => pairOf(await posingAs(bob), alice)],
  ]
  test.each(attacks)('[C16] reads and forges neither direction with %s', async (_, make) => {
    const [ofAlice, ofBob] = [await pairOf(alice, bob), await pairOf(bob, alice)]
    const carols = await make()
    for (const direction of DIRECTIONS) {
      const [sealing, opening] = direction.from === alice.id ? [ofAlice, ofBob] : [ofBob, ofAlice]
      const bytes = await sealDirect(sealing, direction)
      expect(await openDirect(bytes, carols, direction)).not.toContain('opened')
      expect(await openDirect(bytes, opening, direction)).toBe('opened: only for you')
      const forged = await sealDirect(carols, direction)
      expect(await openDirect(forged, opening, direction)).not.toContain('opened')
    }
  })
})

test('[C15] another room, root, epoch, peer or key of the peer gives other keys', async () => {
  // Carol signs an introduction with Alice’s agreement key: it opens, as it is a key that an honest session can have.
  const borrowed = { ...identityOf(carol), agreementKey: alice.agreementKey }
  const pairs = [
    await pairOf(bob, alice),
    await pairOf(bob, alice, { room: OTHER_ROOM }),
    await pairOf(bob, alice, { root: new SharedKeySource(rootOf(2)) }),
    await pairOf(bob, alice, { root: new SharedKeySource(rootOf(1), { epoch: 1n }) }),
    await pairOf(bob, { ...identityOf(alice), agreementKey: carol.agreementKey }),
    await pairOf(bob, carol),
    await pairOf(bob, borrowed),
    await pairOf(carol, alice),
  ]
  const exports = await Promise.all(
    pairs.map((keys) => sourceOf(keys).export('test', new Uint8Array(), 32)),
  )
  expect(new Set(exports.map(bytesToHex)).size).toBe(pairs.length)
})

describe('a mistake of the caller', () => {
  test.each(vectors.smallOrder)('[C15] an agreement key of small order: %s', async (key) => {
    const peer = { ...identityOf(bob), agreementKey: hexToBytes(key) }
    await expect(pairOf(alice, peer)).rejects.toThrow('"peer" expected an agreement key')
  })

  test('[C15] an id that is not the signing key’s, in every exchange of two', async () => {
    const wrong = [
      { ...identityOf(bob), id: carol.id },
      { ...identityOf(carol), id: bob.id },
      { ...identityOf(bob), signingKey: carol.signingKey },
      { ...identityOf(bob), signingKey: alice.signingKey },
    ]
    for (const peer of wrong) {
      await expect(pairOf(alice, peer)).rejects.toThrow(
        '"peer" expected an id that its signing key',
      )
    }
  })

  test('[C15] oneself, and arguments of another type', async () => {
    const peer = identityOf(bob)
    const wrong = [
      ['"peer" must not be the session itself', { peer: identityOf(alice) }],
      ['"peer.id" expected', { peer: { ...peer, id: 'x' } }],
      ['"peer.signingKey" expected', { peer: { ...peer, signingKey: new Uint8Array(31) } }],
      ['"peer.agreementKey" expected', { peer: { ...peer, agreementKey: 'x' } }],
      ['"session" expected SessionKeys', { session: {} }],
      ['"root" expected', { root: new ParticipantKeySource(alice.id) }],
      ['"room" expected', { room: 'x' }],
    ] as const
    for (const [text, change] of wrong) {
      await expect(pairOf(alice, bob, change)).rejects.toThrow(text)
    }
  })
})

describe('the end', () => {
  test('[C16] closed keys neither seal nor open, and a closed session derives none', async () => {
    const session = await createSessionKeys()
    const [own, other] = [await pairOf(session, bob), await pairOf(bob, session)]
    const direction = { from: bob.id, to: session.id }
    const bytes = await sealDirect(other, direction)
    own.close()
    own.close()
    expect(await openDirect(bytes, own, direction)).toBe('unknown-key')
    const back = sealDirect(own, { from: session.id, to: bob.id })
    expect((await failureOf(back)).code).toBe('ERR_E2EE_CLOSED')
    session.close()
    expect((await failureOf(pairOf(session, bob))).code).toBe('ERR_E2EE_CLOSED')
  })

  test('[C16] without the root of the room there are no keys', async () => {
    const closed = new SharedKeySource(rootOf(1))
    closed.close()
    const failure = await failureOf(pairOf(alice, bob, { root: closed }))
    expect(failure.code).toBe('ERR_E2EE_CLOSED')
    const none = await failureOf(pairOf(alice, bob, { root: new SharedKeySource() }))
    expect(none.code).toBe('ERR_E2EE_UNKNOWN_EPOCH')
  })

  test('[K5, C16] the shared point and the pair root are overwritten once the keys are made', async () => {
    const derived: ArrayBuffer[] = []
    const deriveBits = crypto.subtle.deriveBits.bind(crypto.subtle)
    vi.spyOn(crypto.subtle, 'deriveBits').mockImplementation(async (...given) => {
      const bits = await deriveBits(...given)
      derived.push(bits)
      return bits
    })
    const keys = await pairOf(alice, bob)
    await sourceOf(keys).export('test', new Uint8Array(), 32)
    const secrets = derived
      .map((bits) => new Uint8Array(bits))
      .filter(({ length }) => length === 32)
    expect(secrets).toEqual([new Uint8Array(32), new Uint8Array(32)])
  })
})
