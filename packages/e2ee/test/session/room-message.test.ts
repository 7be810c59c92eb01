import { createSealer, MAX_BODY_BYTES, SharedKeySource } from '@conclave/e2ee'
import {
  createSessionKeys,
  MAX_SIGNED_CONTENT_BYTES,
  signRoomMessage,
  verifyRoomMessage,
} from '@conclave/e2ee/session'
import { expect, test } from 'vitest'
import { failureOf, ROOM, rootOf, utf8 } from '../fixtures.ts'

const place = { room: ROOM, sequence: 0n, kind: 3 }
const [alice, mallory] = [await createSessionKeys(), await createSessionKeys()]

test('[C7, C8] a member who holds the key of the room seals as another member, but does not sign as it', async () => {
  const sealAs = async (body: Uint8Array): Promise<string> => {
    const keys = new SharedKeySource(rootOf(1))
    const { bytes } = await createSealer({ keys, room: ROOM, unsafeSelf: alice.id }).seal(
      place,
      body,
    )
    const receiver = createSealer({
      keys: new SharedKeySource(rootOf(1)),
      room: ROOM,
      unsafeSelf: mallory.id,
    })
    const opened = await receiver.open(alice.id, bytes)
    if (opened.type !== 'opened') return opened.reason
    const { sequence, kind, body: received } = opened
    const from = { signingKey: alice.signingKey, room: ROOM, sequence, kind }
    return (await verifyRoomMessage(received, from)) === undefined ? 'not signed' : 'signed'
  }
  expect(await sealAs(await signRoomMessage(utf8('hi'), { session: alice, ...place }))).toBe(
    'signed',
  )
  expect(await sealAs(await signRoomMessage(utf8('hi'), { session: mallory, ...place }))).toBe(
    'not signed',
  )
})

test('[C7] the longest content fills a body, and a longer one is ERR_E2EE_TOO_LARGE', async () => {
  const content = new Uint8Array(MAX_SIGNED_CONTENT_BYTES).fill(7)
  const body = await signRoomMessage(content, { session: alice, ...place })
  expect(body).toHaveLength(MAX_BODY_BYTES)
  expect(await verifyRoomMessage(body, { signingKey: alice.signingKey, ...place })).toEqual(content)
  const longer = signRoomMessage(new Uint8Array(content.length + 1), { session: alice, ...place })
  expect(await failureOf(longer)).toMatchObject({
    code: 'ERR_E2EE_TOO_LARGE',
    details: { byteLength: content.length + 1, maxBytes: content.length },
  })
})

test('[C7, C8] content and body are read before the call returns', async () => {
  const content = utf8('hello')
  const signing = signRoomMessage(content, { session: alice, ...place })
  content.fill(0)
  const body = await signing
  const verifying = verifyRoomMessage(body, { signingKey: alice.signingKey, ...place })
  body.fill(0)
  expect(await verifying).toEqual(utf8('hello'))
})

test('[C8] a body of another type gives nothing', async () => {
  const from = { signingKey: alice.signingKey, ...place }
  for (const body of [undefined, null, 'x', [], new Uint16Array(64), new Uint8Array(70_000)]) {
    expect(await verifyRoomMessage(body as Uint8Array, from)).toBeUndefined()
  }
})

test.each([
  [{ room: 'x' as never }, '"room" expected'],
  [{ sequence: 1 as never }, '"sequence" expected'],
  [{ sequence: -1n }, '"sequence" expected'],
  [{ sequence: 2n ** 53n }, '"sequence" expected'],
  [{ kind: 256 }, '"kind" expected'],
])('[C7, C8] a place that no message has is a mistake of the caller: %s', async (change, text) => {
  const wrong = { ...place, ...change }
  await expect(signRoomMessage(utf8('x'), { session: alice, ...wrong })).rejects.toThrow(text)
  const from = { signingKey: alice.signingKey, ...wrong }
  await expect(verifyRoomMessage(new Uint8Array(70), from)).rejects.toThrow(text)
})

test('[C3] closed keys sign no message', async () => {
  const session = await createSessionKeys()
  session.close()
  const failure = await failureOf(signRoomMessage(utf8('x'), { session, ...place }))
  expect(failure.code).toBe('ERR_E2EE_CLOSED')
})
