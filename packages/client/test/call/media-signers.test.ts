import { expect, test } from 'vitest'
import { ParticipantKeySource } from '@conclave/e2ee'
import { createSessionKeys } from '@conclave/e2ee/session'
import type { ParticipantId } from '@conclave/wire'
import { MediaSigners } from '../../src/call/media-signers.ts'
import { Room } from '../../src/index.ts'
import { decodeInfo, encodeBody } from '../../src/messages/bodies.ts'
import { TestMedia, haveMet, localRoom } from '../support.ts'

const alice = 'AQEBAQEBAQEBAQEBAQEBAQ' as ParticipantId
const silent = { name: 'alice', published: {} }
const signing = { ...silent, signsMedia: true } as const

test('[R134] the first hello of a session says for good whether it signs', () => {
  for (const [first, later] of [
    [signing, silent],
    [silent, signing],
  ] as const) {
    const signers = new MediaSigners(undefined)
    expect(signers.signedMedia.signs?.(alice)).toBe(false)
    expect(signers.settle(alice, first)).toEqual(first)
    expect(signers.settle(alice, later)).toEqual(first)
    expect(signers.signedMedia.signs?.(alice)).toBe(first === signing)
  }
})

test('[R134] the session that signs is the one that joined, and whoever does not sign has none', async () => {
  const session = await createSessionKeys()
  expect(new MediaSigners(session).signedMedia.session).toBe(session)
  expect(new MediaSigners(undefined).signedMedia.session).toBeUndefined()
})

test('[R7, R134] information says that media is signed, or nothing about it', () => {
  for (const info of [silent, signing, { ...signing, recording: 5 }]) {
    expect(decodeInfo(encodeBody(info))).toEqual(info)
  }
  for (const signsMedia of [false, 1, 'yes', null]) {
    expect(decodeInfo(encodeBody({ ...silent, signsMedia }))).toBeUndefined()
  }
})

test('[R134, R135, R136] both sides see who signs, and give it to their media', async () => {
  const { join, leave } = await localRoom()
  const medias = new Map<string, TestMedia>()
  const media = (context: ConstructorParameters<typeof TestMedia>[0]): TestMedia => {
    const made = new TestMedia(context)
    medias.set(context.self, made)
    return made
  }
  const one = await join('alice', { media, signedMedia: true })
  const other = await join('bob', { media })
  await haveMet([one, other])
  expect([one.self.signsMedia, other.self.signsMedia]).toEqual([true, false])
  const seen = (room: Room, of: Room) => room.participants.get(of.self.id)?.signsMedia
  expect([seen(other, one), seen(one, other)]).toEqual([true, false])
  const [ofOne, ofOther] = [one, other].map(({ self }) => medias.get(self.id)?.context.signedMedia)
  expect(ofOne?.session?.id).toBe(one.self.id)
  expect(ofOther?.session).toBeUndefined()
  expect(ofOther?.signs?.(one.self.id)).toBe(true)
  expect(ofOne?.signs?.(other.self.id)).toBe(false)
  // Its name changes, and not this.
  one.setName('alicia')
  await expect.poll(() => other.participants.get(one.self.id)?.name).toBe('alicia')
  expect(seen(other, one)).toBe(true)
  await leave()
})

test('[R136] a track that stopped is failed, and a problem', async () => {
  const { join, leave } = await localRoom()
  let media: TestMedia | undefined
  const one = await join('alice', { media: (context) => (media = new TestMedia(context)) })
  const other = await join('bob')
  await haveMet([one, other])
  const problems: string[] = []
  one.on('problem', ({ code }) => problems.push(code))
  media?.emit('e2eeStateChanged', {
    ...{ participant: other.self.id, source: 'camera', kind: 'video' },
    ...{ state: 'DecryptionFailed', reason: 'not-signed' },
  })
  await expect.poll(() => problems).toEqual(['ERR_CLIENT_NOT_SIGNED'])
  await leave()
})

test('[R134] a room without introductions refuses to sign', async () => {
  const { link, hub, leave } = await localRoom()
  const joining = Room.join(
    { ...link, keys: (self) => new ParticipantKeySource(self), hub: hub.transport.bind(hub) },
    { media: false, signedMedia: true },
  )
  const error: unknown = await joining.catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(TypeError)
  expect(error).toMatchObject({ code: 'ERR_CLIENT_ARGUMENT' })
  await leave()
})
