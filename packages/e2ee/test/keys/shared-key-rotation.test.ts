import {
  createSealer,
  MAX_EPOCHS,
  ParticipantKeySource,
  randomParticipantId,
  ratchetSharedKey,
  SharedKeySource,
} from '@conclave/e2ee'
import type { KeySource } from '@conclave/e2ee'
import { describe, expect, test } from 'vitest'
import {
  bytesToHex,
  failureOf,
  openSession,
  openText,
  outcome,
  ROOM,
  rootOf,
  sealText,
  utf8,
} from '../fixtures.ts'
import { join } from '../parties.ts'

const NONE = new Uint8Array()
const keyOf = async (source: KeySource, epoch?: bigint): Promise<string> =>
  bytesToHex(await source.export('x', NONE, 32, epoch))

describe('reports of sealers to a source', () => {
  test('[K20] the sender of every key is named; a source of one root ignores it', async () => {
    const [alice, bob] = [openSession(), openSession()]
    const senders: unknown[] = []
    class SenderSpy extends SharedKeySource {
      override export(...given: Parameters<KeySource['export']>) {
        senders.push(given[4])
        const [label, context, length, epoch] = given
        return super.export(label, context, length, epoch)
      }
    }
    const spy = (): KeySource => new SenderSpy(rootOf(1))
    const ours = createSealer({ keys: spy(), room: ROOM, unsafeSelf: alice.id })
    const theirs = createSealer({ keys: spy(), room: ROOM, unsafeSelf: bob.id })
    const { bytes } = await ours.seal({ kind: 3, to: bob.id }, utf8('hi'))
    expect(outcome(await theirs.open(alice.id, bytes))).toBe('opened: hi')
    expect(senders).toEqual([alice.id, alice.id])
    const same = [alice.id, bob.id, undefined].map((sender) =>
      (alice.keys as KeySource).export('x', NONE, 32, 0n, sender),
    )
    expect(new Set((await Promise.all(same)).map(bytesToHex)).size).toBe(1)
  })

  test('[K22] an epoch is confirmed when something of it has authenticated, never before', async () => {
    const [alice, bob] = [join(), randomParticipantId()]
    const confirmed: unknown[] = []
    class ConfirmSpy extends ParticipantKeySource {
      override confirm(...given: unknown[]): void {
        confirmed.push(given)
      }
    }
    const keys = new ConfirmSpy(bob)
    keys.setParticipantKey(alice.id, alice.keys.grantWithPast())
    const sealer = createSealer({ keys, room: ROOM })
    await sealer.seal({ kind: 3 }, utf8('own'))
    const impostor = createSealer({ keys: new ParticipantKeySource(alice.id), room: ROOM })
    const { bytes: forged } = await impostor.seal({ kind: 3 }, utf8('forged'))
    expect(outcome(await sealer.open(alice.id, forged))).toBe('other-key')
    expect(confirmed).toEqual([])
    const { bytes } = await alice.sealer.seal({ kind: 3 }, utf8('hi'))
    expect(outcome(await sealer.open(alice.id, bytes))).toBe('opened: hi')
    expect(confirmed).toEqual([[0n, alice.id]])
    const shared = new SharedKeySource(rootOf(1))
    shared.confirm()
    expect(shared.epoch).toBe(0n)
  })

  test('[K23] an epoch that retires for one sender leaves the keys of others', async () => {
    const [alice, carol, bob] = [join(), join(), randomParticipantId()]
    let exports = 0
    class ParticipantSpy extends ParticipantKeySource {
      override export(...given: Parameters<KeySource['export']>) {
        exports += 1
        return super.export(...given)
      }
    }
    const keys = new ParticipantSpy(bob)
    for (const { id, keys: theirs } of [alice, carol])
      keys.setParticipantKey(id, theirs.grantWithPast())
    const sealer = createSealer({ keys, room: ROOM, unsafeSelf: bob })
    const openBoth = async (): Promise<void> => {
      for (const from of [alice, carol]) {
        const { bytes } = await from.sealer.seal({ kind: 3 }, utf8('x'))
        await sealer.open(from.id, bytes)
      }
    }
    await openBoth()
    await openBoth()
    expect(exports).toBe(2)
    keys.setParticipantKey(alice.id, alice.keys.rotate())
    keys.setMinEpoch(alice.keys.epoch, alice.id)
    await openBoth()
    expect(exports).toBe(3)
    await openBoth()
    expect(exports).toBe(3)
  })
})

describe('the last byte of an epoch', () => {
  test('[K21] names the newest epoch that is held and ends in it, or none', () => {
    const source = new SharedKeySource(rootOf(1), { epoch: 5n })
    expect([5, 4, 6, 0].map((byte) => source.epochEndingIn(byte))).toEqual([
      ...[5n, undefined, undefined, undefined],
    ])
    source.setKey(rootOf(2), 5n + 256n)
    source.setKey(rootOf(3), 1024n)
    source.addKey(rootOf(4), 1025n)
    expect([5, 0, 1, 2].map((byte) => source.epochEndingIn(byte))).toEqual([
      ...[261n, 1024n, 1025n, undefined],
    ])
    source.retire(261n)
    expect(source.epochEndingIn(5)).toBe(5n)
    source.close()
    expect(source.epochEndingIn(0)).toBeUndefined()
  })
})

describe('the ratchet', () => {
  test('[K24] all members arrive at the same secret, and a newcomer only at later ones', async () => {
    const [alice, bob] = [openSession(), openSession()]
    const before = await sealText(alice, 'before')
    const [given] = await Promise.all([ratchetSharedKey(alice.keys), ratchetSharedKey(bob.keys)])
    expect([alice.keys.epoch, bob.keys.epoch]).toEqual([1n, 1n])
    const newcomer = openSession()
    newcomer.keys.setKey(given, 1n)
    newcomer.keys.retire(0n)
    expect(await openText(newcomer, alice, before)).toBe('unknown-key')
    const after = await sealText(alice, 'after')
    expect(await openText(newcomer, alice, after)).toBe('opened: after')
    expect(await openText(bob, alice, after)).toBe('opened: after')
    // What the newcomer was given is no key of the epoch before, however it is used.
    const guess = openSession({ root: given })
    expect(await openText(guess, alice, before)).toBe('other-key')
    await Promise.all([alice, bob, newcomer].map(({ keys }) => ratchetSharedKey(keys)))
    expect(await openText(newcomer, bob, await sealText(bob, 'on'))).toBe('opened: on')
  })

  test('[K24] the next secret is none of the keys that the epoch gives for other purposes', async () => {
    const source = new SharedKeySource(rootOf(1))
    const exported = await Promise.all(
      ['conclave/1 payload', 'conclave/1 media', 'conclave/1 ratchet '].map((label) =>
        source.export(label, NONE, 32, 0n),
      ),
    )
    const next = await ratchetSharedKey(source)
    for (const key of [rootOf(1), ...exported]) expect(next).not.toEqual(key)
  })

  test('[K24] a ratchet continues from a rotation in between, and ends with the source', async () => {
    const source = new SharedKeySource(rootOf(1))
    const ratcheting = ratchetSharedKey(source)
    source.setKey(rootOf(2), 5n)
    await ratcheting
    expect(source.epoch).toBe(6n)
    const other = new SharedKeySource(rootOf(2), { epoch: 5n })
    await ratchetSharedKey(other)
    expect(await keyOf(source)).toBe(await keyOf(other))
    await Promise.all([ratchetSharedKey(source), ratchetSharedKey(source)])
    expect(source.epoch).toBe(8n)
    source.addKey(rootOf(3), 9n)
    await expect(ratchetSharedKey(source)).rejects.toThrow(RangeError)
    const closing = ratchetSharedKey(other)
    other.close()
    expect((await failureOf(closing)).code).toBe('ERR_E2EE_UNKNOWN_EPOCH')
    expect((await failureOf(ratchetSharedKey(other))).code).toBe('ERR_E2EE_CLOSED')
  })
})

describe('preparing', () => {
  test('[K25] members who hold the next key lose nothing while they switch one by one', async () => {
    const [alice, bob] = [openSession(), openSession()]
    const heard: bigint[] = []
    const added: bigint[] = []
    bob.keys.on('epochChanged', ({ epoch }) => heard.push(epoch))
    bob.keys.on('epochAdded', ({ epoch }) => added.push(epoch))
    for (const { keys } of [alice, bob]) keys.addKey(rootOf(2), 1n)
    expect([alice.keys.epoch, heard, added]).toEqual([0n, [], [1n]])
    alice.keys.use(1n)
    expect(await openText(bob, alice, await sealText(alice, 'new'))).toBe('opened: new')
    expect(await openText(alice, bob, await sealText(bob, 'old'))).toBe('opened: old')
    bob.keys.use(1n)
    expect(heard).toEqual([1n])
    expect(await openText(alice, bob, await sealText(bob, 'new'))).toBe('opened: new')
  })

  test('[K25] an epoch that is not held cannot be used, and one that was held not be set again', () => {
    const source = new SharedKeySource(rootOf(1), { epoch: 3n })
    source.addKey(rootOf(2), 5n)
    for (const epoch of [2n, 4n, 6n]) expect(() => source.use(epoch)).toThrow(RangeError)
    for (const epoch of [3n, 4n, 5n]) {
      expect(() => source.addKey(rootOf(3), epoch)).toThrow(RangeError)
      expect(() => source.setKey(rootOf(3), epoch)).toThrow(RangeError)
    }
    source.use(5n)
    expect(() => source.use(3n)).toThrow(RangeError)
    expect(source.epoch).toBe(5n)
    source.close()
    expect(() => source.use(5n)).toThrow('closed')
  })

  test('[K25] the current epoch stays held, however many are prepared', async () => {
    const source = new SharedKeySource(rootOf(200))
    const retired: bigint[] = []
    source.on('epochRetired', ({ epoch }) => retired.push(epoch))
    for (let epoch = 1; epoch < MAX_EPOCHS + 2; epoch += 1)
      source.addKey(rootOf(epoch), BigInt(epoch))
    expect(retired).toEqual([1n, 2n])
    expect(await keyOf(source)).toBe(await keyOf(new SharedKeySource(rootOf(200))))
  })

  test('[K10] a source may begin without a key: nothing is sealed or opened until there is one', async () => {
    const source = new SharedKeySource()
    const error = await failureOf(source.export('x', NONE, 16))
    expect(error).toMatchObject({ code: 'ERR_E2EE_UNKNOWN_EPOCH', details: { epoch: 0n } })
    source.setKey(rootOf(1), 0n)
    expect(await keyOf(source)).toBe(await keyOf(new SharedKeySource(rootOf(1))))
    const later = new SharedKeySource(undefined, { epoch: 7n })
    expect(() => later.setKey(rootOf(1), 6n)).toThrow(RangeError)
    later.setKey(rootOf(1), 7n)
    expect(later.epoch).toBe(7n)
  })
})

describe('the minimum', () => {
  test('[K26] epochs before it retire and never come back', async () => {
    const source = new SharedKeySource(rootOf(1))
    for (const epoch of [1n, 2n, 3n]) source.setKey(rootOf(Number(epoch)), epoch)
    const retired: bigint[] = []
    source.on('epochRetired', ({ epoch }) => retired.push(epoch))
    source.setMinEpoch(2n)
    source.setMinEpoch(1n)
    expect(retired).toEqual([0n, 1n])
    for (const epoch of [0n, 1n]) {
      expect((await failureOf(source.export('x', NONE, 16, epoch))).code).toBe(
        'ERR_E2EE_UNKNOWN_EPOCH',
      )
    }
    await expect(source.export('x', NONE, 16, 2n)).resolves.toHaveLength(16)
    expect(() => source.setMinEpoch(-1n)).toThrow(RangeError)
    expect(() => source.setMinEpoch(1 as never)).toThrow(TypeError)
  })

  test('[K26] with a minimum above the current epoch sealing fails until a newer key is set', async () => {
    const alice = openSession()
    alice.keys.setMinEpoch(5n)
    expect((await failureOf(sealText(alice, 'x'))).code).toBe('ERR_E2EE_UNKNOWN_KEY')
    expect(() => alice.keys.setKey(rootOf(2), 4n)).toThrow(RangeError)
    alice.keys.setKey(rootOf(2), 5n)
    await expect(sealText(alice, 'x')).resolves.toBeDefined()
  })
})
