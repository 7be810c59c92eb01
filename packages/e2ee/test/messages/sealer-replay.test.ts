import '../../../../tools/web-platform.ts'
import { createSealer } from '@conclave/e2ee'
import { describe, expect, test, vi } from 'vitest'
import {
  ExportSpy,
  failureOf,
  flipBit,
  openSession,
  openText,
  ROOM,
  rootOf,
  sealText,
  utf8,
} from '../fixtures.ts'

describe('sequences', () => {
  test('[P2] each stream counts on its own, from 0, in the order of the calls', async () => {
    const [alice, bob, carol] = [openSession(), openSession(), openSession()]
    const to = [undefined, bob.id, undefined, carol.id, bob.id, undefined]
    const sealed = await Promise.all(
      to.map((id) => alice.sealer.seal({ kind: 3, to: id }, utf8('x'))),
    )
    expect(sealed.map(({ sequence }) => sequence)).toEqual([0n, 0n, 1n, 0n, 1n, 2n])
    expect([alice.sealer.next(), alice.sealer.next(bob.id), alice.sealer.next(carol.id)]).toEqual([
      ...[3n, 2n, 1n],
    ])
    expect(alice.sealer.next(openSession().id)).toBe(0n)
  })

  test('[P2] the stream of data to somebody counts beside the direct one, and has other nonces', async () => {
    const [alice, bob] = [openSession(), openSession()]
    const seal = (isData: boolean) => alice.sealer.seal({ kind: 3, to: bob.id, isData }, utf8('x'))
    const sealed = [await seal(false), await seal(true), await seal(true), await seal(false)]
    expect(sealed.map(({ sequence }) => sequence)).toEqual([0n, 0n, 1n, 1n])
    expect(alice.sealer.next(bob.id)).toBe(2n)
    // The same key and the same text: only another nonce gives another ciphertext.
    const [direct, data] = sealed.map(({ bytes }) => bytes.slice(28, 45).join())
    expect(direct).not.toBe(data)
    await expect(alice.sealer.seal({ kind: 3, isData: true }, utf8('x'))).rejects.toThrow(
      '"to" expected an id',
    )
  })

  test('[P8] the windows of the direct stream and of the stream of data do not touch each other', async () => {
    const [alice, bob] = [openSession(), openSession()]
    const seal = (isData: boolean) => alice.sealer.seal({ kind: 3, to: bob.id, isData }, utf8('x'))
    const first = await seal(false)
    const data = await Promise.all(Array.from({ length: 1100 }, () => seal(true)))
    const open = async (bytes: Uint8Array) => {
      const opened = await bob.sealer.open(alice.id, bytes)
      return opened.type === 'opened' ? opened.audience : opened.reason
    }
    const newest = data.at(-1)?.bytes ?? new Uint8Array()
    expect(await open(newest)).toBe('data')
    expect(await open(newest)).toBe('replay')
    expect(await open(data[0]?.bytes ?? new Uint8Array())).toBe('replay')
    expect(await open(first.bytes)).toBe('direct')
    expect(await open(first.bytes)).toBe('replay')
  })

  test('[P3] a stream that has sealed all it may in an epoch refuses until the next epoch', async () => {
    const alice = openSession({ limits: { maxMessagesPerKey: 2 } })
    await Promise.all([sealText(alice, 'a'), sealText(alice, 'b')])
    expect((await failureOf(sealText(alice, 'c'))).code).toBe('ERR_E2EE_EXHAUSTED')
    await expect(sealText(alice, 'direct', openSession().id)).resolves.toBeDefined()
    alice.keys.setKey(rootOf(2), 1n)
    expect((await alice.sealer.seal({ kind: 3 }, utf8('d'))).sequence).toBe(2n)
  })

  test('[P15] results come in the order of the calls, whatever their sizes', async () => {
    const [alice, bob] = [openSession(), openSession()]
    const sizes = [60_000, 1, 30_000, 2, 0, 50_000, 3]
    const order: bigint[] = []
    const sealing = sizes.map(async (size) => {
      const sealed = await alice.sealer.seal({ kind: 3 }, new Uint8Array(size))
      order.push(sealed.sequence)
      return sealed.bytes
    })
    const messages = await Promise.all(sealing)
    expect(order).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n])
    const answers: string[] = []
    const incoming = [...messages.slice(0, 3), new Uint8Array(3), ...messages.slice(3)]
    incoming.push(...messages.slice(0, 1))
    await Promise.all(
      incoming.map(async (bytes) => {
        const opened = await bob.sealer.open(alice.id, bytes)
        answers.push(opened.type === 'opened' ? `${opened.sequence}` : opened.reason)
      }),
    )
    expect(answers).toEqual(['0', '1', '2', 'malformed', '3', '4', '5', '6', 'replay'])
  })

  test('[P15] an engine that finishes late holds back later calls', async () => {
    const alice = openSession()
    await sealText(alice, 'so that the key is there')
    const encrypt = crypto.subtle.encrypt.bind(crypto.subtle)
    let finish = (): void => {}
    const gate = new Promise<void>((resolve) => {
      finish = resolve
    })
    const spy = vi.spyOn(crypto.subtle, 'encrypt')
    spy.mockImplementationOnce((...given) => gate.then(() => encrypt(...given)))
    const done: string[] = []
    const first = sealText(alice, 'first').then(() => done.push('first'))
    const second = sealText(alice, 'second').then(() => done.push('second'))
    await sealText(alice, 'direct', openSession().id).then(() => done.push('another stream'))
    finish()
    await Promise.all([first, second])
    spy.mockRestore()
    expect(done).toEqual(['another stream', 'first', 'second'])
  })

  test('[P15] a failed call does not hold up others', async () => {
    const alice = openSession()
    const failing = new ExportSpy(rootOf(1), () => Promise.reject(new Error('source is away')))
    const sealer = createSealer({ keys: failing, room: ROOM, unsafeSelf: alice.id })
    const first = sealer.seal({ kind: 3 }, utf8('a'))
    const second = sealer.seal({ kind: 3 }, utf8('b'))
    await expect(first).rejects.toThrow('source is away')
    await expect(second).rejects.toThrow('source is away')
    await expect(sealer.open(openSession().id, await sealText(alice, 'x'))).rejects.toThrow('away')
  })
})

describe('replay', () => {
  test('[P8] a message opens once; a repetition, or one of this session, does not', async () => {
    const [alice, bob] = [openSession(), openSession()]
    const bytes = await sealText(alice, 'hello')
    expect(await openText(bob, alice, bytes)).toBe('opened: hello')
    expect(await openText(bob, alice, bytes)).toBe('replay')
    expect(await openText(alice, alice, bytes)).toBe('reflected')
    const direct = await sealText(alice, 'to bob', bob.id)
    expect(await openText(alice, bob, direct)).toBe('other-key')
  })

  test('[P8] late messages open within the window of 1,024, the oldest no more', async () => {
    const [alice, bob] = [openSession(), openSession()]
    const messages: Uint8Array[] = []
    for (let index = 0; index <= 1025; index += 1) messages.push(await sealText(alice, `${index}`))
    const open = (index: number): Promise<string> =>
      openText(bob, alice, messages[index] ?? new Uint8Array())
    expect(await open(1025)).toBe('opened: 1025')
    expect(await open(1)).toBe('replay')
    expect(await open(2)).toBe('opened: 2')
    expect(await open(700)).toBe('opened: 700')
    expect(await open(2)).toBe('replay')
  })

  test('[P8] the room and the direct stream of a sender have separate windows', async () => {
    const [alice, bob] = [openSession(), openSession()]
    expect(await openText(bob, alice, await sealText(alice, 'all'))).toBe('opened: all')
    expect(await openText(bob, alice, await sealText(alice, 'you', bob.id))).toBe('opened: you')
  })

  test('[P9] a forged message moves no window', async () => {
    const [alice, bob] = [openSession(), openSession()]
    await openText(bob, alice, await sealText(alice, 'first'))
    const second = await sealText(alice, 'second')
    const far = new Uint8Array(second)
    far[13] = 0x1f
    expect(await openText(bob, alice, far)).toBe('other-key')
    expect(await openText(bob, alice, flipBit(second, second.length - 1))).toBe('not-authentic')
    expect(await openText(bob, alice, second)).toBe('opened: second')
  })

  test('[P9] of copies opened at the same time exactly one opens', async () => {
    const [alice, bob] = [openSession(), openSession()]
    const bytes = await sealText(alice, 'once')
    const answers = await Promise.all(Array.from({ length: 20 }, () => openText(bob, alice, bytes)))
    expect(answers.filter((answer) => answer === 'opened: once')).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'replay')).toHaveLength(19)
  })

  test('[P10] messages below the expected sequence are not shown to a latecomer', async () => {
    const [alice, bob] = [openSession(), openSession()]
    const before = [await sealText(alice, 'old'), await sealText(alice, 'older')]
    const next = alice.sealer.next()
    const after = await sealText(alice, 'new')
    bob.sealer.expect(alice.id, 'room', next)
    bob.sealer.expect(alice.id, 'room', 0n)
    for (const bytes of before) expect(await openText(bob, alice, bytes)).toBe('replay')
    expect(await openText(bob, alice, after)).toBe('opened: new')
    expect(await openText(bob, alice, await sealText(alice, 'direct', bob.id))).toBe(
      'opened: direct',
    )
  })

  test('[P10] an absurd expectation closes its own stream and nothing else', async () => {
    const [alice, bob] = [openSession(), openSession()]
    bob.sealer.expect(alice.id, 'room', 2n ** 64n - 1n)
    expect(await openText(bob, alice, await sealText(alice, 'x'))).toBe('replay')
    expect(await openText(bob, alice, await sealText(alice, 'y', bob.id))).toBe('opened: y')
    expect(() => bob.sealer.expect(alice.id, 'room', -1n)).toThrow(RangeError)
    expect(() => bob.sealer.expect(alice.id, 'room', 1 as never)).toThrow(TypeError)
  })

  test('[P13] a peer that is forgotten and comes back gains no replay, and no nonce repeats', async () => {
    const [alice, bob] = [openSession(), openSession()]
    const [toRoom, toBob] = [await sealText(alice, 'all'), await sealText(alice, 'you', bob.id)]
    for (const bytes of [toRoom, toBob]) expect(await openText(bob, alice, bytes)).toMatch('opened')
    bob.sealer.forget(alice.id)
    alice.sealer.forget(bob.id)
    for (const bytes of [toRoom, toBob]) expect(await openText(bob, alice, bytes)).toBe('replay')
    expect(alice.sealer.next(bob.id)).toBe(1n)
    expect(await openText(bob, alice, await sealText(alice, 'again', bob.id))).toBe('opened: again')
  })
})
