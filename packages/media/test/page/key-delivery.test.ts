import { describe, expect, test } from 'vitest'
import { randomParticipantId, SharedKeySource } from '@conclave/e2ee'
import { bytesToRoomId } from '@conclave/wire'
import type { RoomId } from '@conclave/wire'
import { memoriesOf, transferred } from '../../../e2ee/test/memory.ts'
import { KeyDelivery } from '../../src/page/key-delivery.ts'
import type { MediaError } from '../../src/errors.ts'
import { composeKid } from '../../src/shared/kid.ts'
import type { WorkerLink } from '../../src/page/worker-link.ts'
import type { WorkerCommand, WorkerRequest } from '../../src/shared/protocol.ts'

const room = bytesToRoomId(new Uint8Array(16).fill(9)) as RoomId
const peer = randomParticipantId()
const nonce = Uint8Array.of(9, 8, 7, 6, 5, 4)
const secret = (fill: number): Uint8Array<ArrayBuffer> => new Uint8Array(32).fill(fill)

const scene = (epoch = 0n) => {
  const keys = new SharedKeySource(secret(1), { epoch })
  const requests: WorkerRequest[] = []
  const commands: WorkerCommand[] = []
  let drawn = 0n
  const link = {
    failure: undefined,
    request: async (request: WorkerRequest) => {
      requests.push(request)
      drawn += 256n
      return request.type === 'make-kid' ? { kid: drawn | (request.epoch & 0xffn) } : undefined
    },
    command: (command: WorkerCommand) => void commands.push(command),
  } as unknown as WorkerLink
  const errors: MediaError[] = []
  const onNoKey = (error: MediaError): void => void errors.push(error)
  const self = randomParticipantId()
  const courier = new KeyDelivery({ keys, room, self, suite: 4, link, onNoKey })
  return { keys, requests, commands, courier, errors }
}

describe('the sender key', () => {
  test('[M8, M16] the worker draws the KID, and gets a key that cannot be exported', async () => {
    const { courier, requests } = scene(3n)
    expect(await courier.senderKid()).toBe(0x103n)
    expect(requests.map(({ type }) => type)).toEqual(['make-kid', 'set-sender-key'])
    expect(requests[0]).toEqual({ type: 'make-kid', epoch: 3n })
    const installed = requests[1] as { baseKey: CryptoKey; kid: bigint }
    expect(installed.kid).toBe(0x103n)
    expect([installed.baseKey.extractable, installed.baseKey.algorithm.name]).toEqual([
      false,
      'HKDF',
    ])
  })

  test('[M8] it is made once for each epoch, however often it is asked for', async () => {
    const { courier, keys, requests } = scene()
    await Promise.all([courier.senderKid(), courier.senderKid(), courier.senderKid()])
    await courier.senderKid()
    expect(requests).toHaveLength(2)
    keys.setKey(secret(2), 1n)
    expect((await courier.senderKid()) & 0xffn).toBe(1n)
    expect(requests).toHaveLength(4)
  })

  test('[M59] video waits for a key frame under a key that was prepared, and only then', async () => {
    const { courier, keys, requests } = scene()
    await courier.senderKid()
    keys.addKey(secret(2), 1n)
    keys.use(1n)
    courier.notePrepared(1n)
    await courier.senderKid()
    keys.setKey(secret(3), 2n)
    await courier.senderKid()
    const waits = requests.filter(({ type }) => type === 'set-sender-key')
    expect(waits.map((request) => 'waitMs' in request && request.waitMs)).toEqual([0, 500, 0])
  })

  test('[M59] the end of the epoch before ends what video is still sealed under', async () => {
    const { courier, keys, commands } = scene()
    const first = await courier.senderKid()
    keys.setKey(secret(2), 1n)
    const second = await courier.senderKid()
    courier.retire({ first: 0n, last: 0n })
    const dropped = commands.filter(({ type }) => type === 'drop-sender-key')
    expect(dropped).toEqual([{ type: 'drop-sender-key', kid: first }])
    expect(await courier.senderKid()).toBe(second)
  })

  test('[M15] an epoch that changes on the way is followed', async () => {
    const { courier, keys } = scene()
    const kid = courier.senderKid()
    keys.setKey(secret(2), 1n)
    keys.setKey(secret(3), 2n)
    expect((await kid) & 0xffn).toBe(2n)
  })

  test('[M15] without a key nothing is sealed', async () => {
    const { courier, keys, commands } = scene()
    const kid = await courier.senderKid()
    keys.close()
    courier.retire({ first: 0n, last: 0n })
    expect(commands.map(({ type }) => type)).toEqual(['drop-sender-key', 'retire'])
    expect(commands[0]).toEqual({ type: 'drop-sender-key', kid })
    await expect(courier.senderKid()).rejects.toMatchObject({
      code: 'ERR_MEDIA_NO_KEY',
      details: { epoch: 0n },
    })
  })
})

describe('the end of an epoch while the next sender key is on its way', () => {
  test('[M15] ends the key before by its KID, and not the next one', async () => {
    const { courier, keys, commands } = scene()
    const first = await courier.senderKid()
    keys.setKey(secret(2), 1n)
    const next = courier.senderKid()
    courier.retire({ first: 0n, last: 0n })
    expect((await next) & 0xffn).toBe(1n)
    const dropped = commands.filter(({ type }) => type === 'drop-sender-key')
    expect(dropped).toEqual([{ type: 'drop-sender-key', kid: first }])
    expect(await courier.senderKid()).toBe(await next)
  })

  test('[M15] is the end of that key too if it is of this epoch', async () => {
    const { courier, keys, commands } = scene()
    const original = keys.export.bind(keys)
    keys.export = async (...given) => {
      courier.retire({ first: 0n, last: 0n })
      return original(...given)
    }
    await expect(courier.senderKid()).rejects.toMatchObject({ code: 'ERR_MEDIA_NO_KEY' })
    expect(commands.map(({ type }) => type)).toEqual(['drop-sender-key', 'retire'])
  })
})

test('[M16, P48] a base key in any memory is the same key, and memory that was transferred is none', async () => {
  const base = secret(7)
  const salt = new Uint8Array(32)
  const installed = async (given: Uint8Array<ArrayBuffer>): Promise<unknown> => {
    const { courier, keys, requests, errors } = scene()
    keys.export = async () => given
    await courier.senderKid().catch(() => {})
    const request = requests.find(({ type }) => type === 'set-sender-key')
    if (request?.type !== 'set-sender-key') return errors.map(({ code }) => code)
    const hkdf = { name: 'HKDF', hash: 'SHA-256', salt, info: new Uint8Array() }
    return new Uint8Array(await crypto.subtle.deriveBits(hkdf, request.baseKey, 256))
  }
  const expected = await installed(new Uint8Array(base))
  expect(expected).toHaveLength(32)
  for (const [memory, bytes] of Object.entries(await memoriesOf(base))) {
    expect(await installed(bytes), memory).toEqual(expected)
    expect(bytes, memory).toEqual(bytes.fill(0))
  }
  expect(await installed(transferred(base))).toEqual(['ERR_MEDIA_NO_KEY'])
})

test('[M28] a key source without a sender key is reported, with no word of its error', async () => {
  const { courier, keys, errors } = scene()
  await courier.refresh()
  expect(errors).toEqual([])
  keys.export = async () => {
    throw new Error('a secret of the application')
  }
  keys.setKey(secret(2), 1n)
  await courier.refresh().catch(() => {})
  expect(errors).toMatchObject([{ code: 'ERR_MEDIA_NO_KEY', details: { epoch: 1n } }])
  expect(errors[0]?.message).not.toContain('secret of')
})

describe('keys of others', () => {
  const kidOf = (epoch: bigint): bigint => composeKid(nonce, epoch)

  test.for(['epochEndingIn', 'export'] as const)(
    '[M28] a key source whose %s throws has no key of another',
    async (method) => {
      const { courier, keys, commands } = scene(3n)
      keys[method] = () => {
        throw new Error('broken')
      }
      await courier.answer(peer, kidOf(3n))
      expect(commands.map(({ type }) => type)).toEqual(['receiver-key-missing'])
    },
  )

  test('[M13] a KID gets the key of the one epoch that it can mean', async () => {
    const { courier, keys, commands } = scene(3n)
    keys.setKey(secret(2), 4n)
    await courier.answer(peer, kidOf(4n))
    await courier.answer(peer, kidOf(3n))
    expect(commands).toMatchObject([
      { type: 'receiver-key', participant: peer, kid: kidOf(4n), epoch: 4n },
      { type: 'receiver-key', participant: peer, kid: kidOf(3n), epoch: 3n },
    ])
  })

  test('[M13] there is no key for an epoch that is not held, not reached or retired', async () => {
    const { courier, keys, commands } = scene(3n)
    await courier.answer(peer, kidOf(2n))
    await courier.answer(peer, kidOf(4n))
    keys.setKey(secret(2), 4n)
    courier.retire({ first: 0n, last: 3n })
    await courier.answer(peer, kidOf(3n))
    expect(commands.map(({ type }) => type)).toEqual([
      'receiver-key-missing',
      'receiver-key-missing',
      'retire',
      'receiver-key-missing',
    ])
  })

  test('[M13, K20] the key source is asked for the key of that participant, and for the epoch meant', async () => {
    const { courier, keys } = scene(3n)
    const asked: unknown[] = []
    const original = keys.export.bind(keys)
    Object.assign(keys, {
      epochEndingIn: (...given: unknown[]) => {
        asked.push(given)
        return 3n
      },
      export: (...given: Parameters<typeof original>) => {
        asked.push(given.slice(3))
        return original(...given)
      },
    })
    await courier.answer(peer, kidOf(3n))
    expect(asked).toEqual([
      [3, peer],
      [3n, peer],
    ])
  })

  test('[M15] where senders have their own epochs, a grace period ends for one of them only', async () => {
    const { courier, keys, commands } = scene(3n)
    keys.setKey(secret(2), 4n)
    await courier.senderKid()
    courier.retire({ first: 0n, last: 3n }, peer)
    courier.retire({ first: 4n, last: 4n }, peer)
    await courier.answer(peer, kidOf(3n))
    await courier.answer(randomParticipantId(), kidOf(3n))
    expect(commands).toMatchObject([
      { type: 'retire', epochs: { first: 0n, last: 3n }, participant: peer },
      { type: 'retire', epochs: { first: 4n, last: 4n }, participant: peer },
      { type: 'receiver-key-missing', participant: peer },
      { type: 'receiver-key', epoch: 3n },
    ])
  })

  test('[M15] a key whose epoch is retired while it is made is not handed over', async () => {
    const { courier, keys, commands } = scene(3n)
    keys.setKey(secret(2), 4n)
    const answered = courier.answer(peer, kidOf(3n))
    courier.retire({ first: 3n, last: 3n })
    await answered
    expect(commands.map(({ type }) => type)).toEqual(['retire', 'receiver-key-missing'])
  })
})
