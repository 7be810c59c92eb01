import { createSealer, MAX_BODY_BYTES, MAX_SEALED_BYTES, SharedKeySource } from '@conclave/e2ee'
import type { Sealer } from '@conclave/e2ee'
import type { ParticipantId } from '@conclave/wire'
import { describe, expect, test } from 'vitest'
import {
  bytesToHex,
  bytesToText,
  ExportSpy,
  failureOf,
  flipBit,
  openSession,
  openText,
  OTHER_ROOM,
  outcome,
  ROOM,
  rootOf,
  sealText,
  utf8,
} from '../fixtures.ts'
import { formsOf } from '../memory.ts'

describe('sealing and opening', () => {
  test('[P6] a message to the room opens at everyone, with its whole body', async () => {
    const [alice, bob, carol] = [openSession(), openSession(), openSession()]
    const { sequence, bytes } = await alice.sealer.seal({ kind: 3 }, utf8('hello'))
    expect(sequence).toBe(0n)
    for (const receiver of [bob, carol]) {
      expect(await receiver.sealer.open(alice.id, bytes)).toEqual({
        type: 'opened',
        kind: 3,
        audience: 'room',
        sequence: 0n,
        keyId: '',
        epoch: 0n,
        body: utf8('hello'),
      })
    }
  })

  test('[P6] a direct message opens only at its recipient', async () => {
    const [alice, bob, carol] = [openSession(), openSession(), openSession()]
    const bytes = await sealText(alice, 'psst', bob.id)
    expect(await openText(carol, alice, bytes)).toBe('other-key')
    expect(await bob.sealer.open(alice.id, bytes)).toMatchObject({
      audience: 'direct',
      sequence: 0n,
    })
  })

  test('[P6] another room, another root, another sender: another key', async () => {
    const [alice, mallory] = [openSession(), openSession()]
    const bytes = await sealText(alice, 'hello')
    expect(await openText(openSession({ room: OTHER_ROOM }), alice, bytes)).toBe('other-key')
    expect(await openText(openSession({ root: rootOf(2) }), alice, bytes)).toBe('other-key')
    expect(await openText(openSession(), mallory, bytes)).toBe('other-key')
  })

  test('[P6] every bit counts: header, ciphertext, tag', async () => {
    const [alice, bob] = [openSession(), openSession()]
    bob.keys.setKey(rootOf(2), 1n)
    const bytes = await sealText(alice, 'hello', bob.id)
    for (let index = 0; index < bytes.length; index += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const answer = await openText(bob, alice, flipBit(bytes, index, bit))
        const typed =
          index < COMMITTED
            ? /^(malformed|unknown-key|other-key|not-authentic)$/
            : /^not-authentic$/
        expect(answer).toMatch(typed)
      }
    }
    expect(await openText(bob, alice, flipBit(bytes, 11))).toBe('other-key')
    expect(await openText(bob, alice, bytes)).toBe('opened: hello')
  })

  test('[P5] a body that is too long is refused before it is copied', async () => {
    const { sealer } = openSession()
    const body = Object.defineProperty(new Uint8Array(2 ** 20), 'buffer', {
      get: () => expect.unreachable(),
    })
    await expect(sealer.seal({ kind: 3 }, body)).rejects.toMatchObject({
      ...{ code: 'ERR_E2EE_TOO_LARGE', details: { byteLength: 2 ** 20 } },
    })
    for (const none of [undefined, null, {}, { length: 1 }]) {
      const sealing = sealer.seal({ kind: 3 }, none as unknown as Uint8Array)
      await expect(sealing).rejects.toThrow(/^"body" expected Uint8Array/)
    }
  })

  test('[P5] bodies of 0 and of 65,476 bytes fit, a longer one is ERR_E2EE_TOO_LARGE', async () => {
    const [alice, bob] = [openSession(), openSession()]
    for (const body of [new Uint8Array(), new Uint8Array(MAX_BODY_BYTES).fill(7)]) {
      const { bytes } = await alice.sealer.seal({ kind: 0 }, body)
      expect(bytes.length).toBe(body.length + 60)
      expect(await bob.sealer.open(alice.id, bytes)).toMatchObject({ type: 'opened', body })
    }
    const before = alice.sealer.next()
    const error = await failureOf(
      alice.sealer.seal({ kind: 0 }, new Uint8Array(MAX_BODY_BYTES + 1)),
    )
    expect(error).toMatchObject({
      code: 'ERR_E2EE_TOO_LARGE',
      details: { byteLength: MAX_BODY_BYTES + 1, maxBytes: MAX_BODY_BYTES },
    })
    expect(alice.sealer.next()).toBe(before)
  })

  test('[P7] a message cut off at any byte, or beyond 64 KiB, does not open', async () => {
    const [alice, bob] = [openSession(), openSession()]
    const bytes = await sealText(alice, 'hello there')
    for (let length = 0; length < bytes.length; length += 1) {
      const answer = await openText(bob, alice, bytes.subarray(0, length))
      expect(answer).toBe(length < 60 ? 'malformed' : 'not-authentic')
    }
    const long = new Uint8Array(MAX_SEALED_BYTES + 1)
    long.set(bytes)
    expect(await openText(bob, alice, long)).toBe('malformed')
    expect(await openText(bob, alice, bytes)).toBe('opened: hello there')
  })

  test('[P15] body and bytes are read before the call returns', async () => {
    const [alice, bob] = [openSession(), openSession()]
    const body = utf8('first')
    const sealing = alice.sealer.seal({ kind: 3 }, body)
    body.fill(0)
    const { bytes } = await sealing
    const opening = bob.sealer.open(alice.id, bytes)
    bytes.fill(0)
    expect(outcome(await opening)).toBe('opened: first')
  })

  test('[P6] bytes in shared memory are sealed and opened like others', async () => {
    if (typeof SharedArrayBuffer === 'undefined') return
    const [alice, bob] = [openSession(), openSession()]
    const shared = (bytes: Uint8Array): Uint8Array => {
      const copy = new Uint8Array(new SharedArrayBuffer(bytes.length))
      copy.set(bytes)
      return copy
    }
    const { bytes } = await alice.sealer.seal({ kind: 3 }, shared(utf8('hello')))
    expect(outcome(await bob.sealer.open(alice.id, shared(bytes)))).toBe('opened: hello')
  })
})

test('[P48] a message opens from every form of memory, and is read before the call returns', async () => {
  const [alice, bob] = [openSession(), openSession()]
  for (const form of Object.keys(formsOf(new Uint8Array()))) {
    const { bytes } = await alice.sealer.seal({ kind: 3 }, utf8(form))
    const { value, overwrite } = formsOf(bytes)[form] ?? {}
    const opening = bob.sealer.open(alice.id, value as Uint8Array)
    overwrite?.()
    expect(outcome(await opening)).toBe(`opened: ${form}`)
  }
})

describe('arguments', () => {
  test('mistakes of the caller are TypeError and RangeError, and take no sequence', async () => {
    const alice = openSession()
    const call = (options: unknown, body: unknown): Promise<unknown> =>
      alice.sealer.seal(options as { kind: number }, body as Uint8Array)
    for (const kind of [-1, 256, 1.5, Number.NaN]) {
      await expect(call({ kind }, utf8('x'))).rejects.toThrow(RangeError)
    }
    await expect(call({}, utf8('x'))).rejects.toThrow(TypeError)
    for (const body of ['text', undefined, [1], new Uint16Array(1)]) {
      await expect(call({ kind: 3 }, body)).rejects.toThrow(TypeError)
    }
    await expect(call({ kind: 3, to: 'bob' }, utf8('x'))).rejects.toThrow(TypeError)
    await expect(call({ kind: 3, to: alice.id }, utf8('x'))).rejects.toThrow(RangeError)
    expect(alice.sealer.next()).toBe(0n)
    await expect(alice.sealer.open(openSession().id, 'text' as never)).rejects.toThrow(TypeError)
    await expect(alice.sealer.open('nobody' as never, utf8('x'))).rejects.toThrow(TypeError)
    expect(() => alice.sealer.next(alice.id)).toThrow(RangeError)
    expect(() => alice.sealer.forget('x' as never)).toThrow(TypeError)
  })

  test('[P1] the bytes of the room are no participant', () => {
    const zero = 'AAAAAAAAAAAAAAAAAAAAAA' as ParticipantId
    const keys = new SharedKeySource(rootOf(1))
    expect(() => createSealer({ keys, room: ROOM, unsafeSelf: zero })).toThrow(TypeError)
  })

  test('[P12] limits out of range are RangeErrors', () => {
    const make = (limits: object): Sealer => openSession({ limits }).sealer
    for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const name of ['maxPeers', 'maxMessagesPerKey']) {
        expect(() => make({ [name]: value })).toThrow(RangeError)
      }
    }
    expect(() => make({ maxMessagesPerKey: 2 ** 32 + 1 })).toThrow(RangeError)
  })
})

describe('keys', () => {
  test('[P1] sessions of one secret, directions, recipients and rooms never share a key', async () => {
    const used = new Map<string, string>()
    const session = (room = ROOM): ReturnType<typeof openSession> => {
      const base = openSession()
      const keys = new ExportSpy(rootOf(1), async (...given) => {
        const key = await base.keys.export(...given)
        const purpose = `${given[0]} ${bytesToHex(given[1])} ${given[3]}`
        expect(used.get(bytesToHex(key)) ?? purpose).toBe(purpose)
        used.set(bytesToHex(key), purpose)
        return key
      })
      return { ...base, sealer: createSealer({ keys, room, unsafeSelf: base.id }) }
    }
    const sessions = [session(), session(), session(OTHER_ROOM), session()]
    for (const one of sessions) {
      await sealText(one, 'x')
      for (const other of sessions) if (other !== one) await sealText(one, 'x', other.id)
    }
    expect(used.size).toBe(4 + 4 * 3)
    expect(new Set(used.values()).size).toBe(used.size)
  })

  test('[P1] a key source that gives a key of another length is refused', async () => {
    const base = openSession()
    const keys = new ExportSpy(rootOf(1), async () => new Uint8Array(16))
    const sealer = createSealer({ keys, room: ROOM, unsafeSelf: base.id })
    await expect(sealer.seal({ kind: 3 }, utf8('x'))).rejects.toThrow('from 32 to 32, got 16')
  })

  test('[K5] no output and no error of a sealer contains the root or the body', async () => {
    const alice = openSession({ root: rootOf(0xab) })
    const errors: unknown[] = [alice.sealer, alice.keys]
    alice.keys.setKey(rootOf(0xcd), 1n)
    await alice.sealer
      .seal({ kind: 999 }, utf8('SECRETBODY'))
      .catch((error: unknown) => errors.push(error))
    await alice.sealer
      .seal({ kind: 1 }, new Uint8Array(70_000).fill(0x53))
      .catch((error: unknown) => errors.push(error))
    alice.keys.close()
    await alice.sealer
      .seal({ kind: 1 }, utf8('SECRETBODY'))
      .catch((error: unknown) => errors.push(error))
    expect(errors).toHaveLength(5)
    for (const error of errors) {
      const { stack, message } = error as Partial<Error>
      const shown = `${stack} ${message} ${JSON.stringify(error)}`
      expect(shown).not.toMatch(/SECRETBODY|abababab|cdcdcdcd|171,171|205,205|83,83/)
    }
    expect(bytesToText(utf8('ok'))).toBe('ok')
  })
})

/** Where the header and the commitment end. */
const COMMITTED = 28 + 16
