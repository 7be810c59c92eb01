import { expect, test } from 'vitest'
import { importSigningSeed, signBytes } from '@conclave/crypto'
import { idToBytes, parseParticipantId, parseRoomId } from '@conclave/wire'
import vectors from '../../../../spec/vectors/signed-media.json' with { type: 'json' }
import { encodeTrackLabel } from '../../src/shared/track-name.ts'
import { encodeSFrameHeader } from '../../src/sframe/header.ts'
import { findCodecProfile } from '../../src/codec/find-profile.ts'
import { frameAdditionalData, SIGNED } from '../../src/worker/additional-data.ts'
import { openFrame } from '../../src/worker/frame-opener.ts'
import { sealFrame } from '../../src/worker/frame-sealer.ts'
import type { ReceiverKey } from '../../src/worker/receiver-keys.ts'
import type { SenderKey } from '../../src/worker/sender-key.ts'
import { BatchReader } from '../../src/worker/signing/batch-reader.ts'
import { BatchWriter } from '../../src/worker/signing/batch-writer.ts'
import { hintOf } from '../../src/worker/signing/batch.ts'
import { CertifiedKeys } from '../../src/worker/signing/certified-keys.ts'
import { certificateItem } from '../../src/worker/signing/extension.ts'
import { digestFrame } from '../../src/worker/signing/frame-digest.ts'
import type { CertifiedSigner } from '../../src/worker/signing/media-signer.ts'
import { receiverKey, receivingTrack, senderKey } from '../support/frames.ts'

const fromHex = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

const ids = () => {
  const room = parseRoomId(vectors.room)
  const participant = parseParticipantId(vectors.participant)
  if (!room || !participant) throw new Error('not ids')
  return { room: idToBytes(room), participant: idToBytes(participant) }
}
const baseKey = fromHex(vectors.baseKey)

const mediaSigner = async (): Promise<CertifiedSigner> => {
  const { publicKey, privateKey } = await importSigningSeed(fromHex(vectors.mediaSeed))
  const certificate = certificateItem(fromHex(vectors.certificate))
  return { hint: hintOf(publicKey), certificate, sign: (bytes) => signBytes(privateKey, bytes) }
}

/** Opens the frames of a track, at times of the test's choice. */
const opening = (label: string) => {
  const session = ids()
  const time = { nowMs: 0 }
  const track = { ...session, encodedLabel: encodeTrackLabel(label) }
  const now = (): number => time.nowMs
  const batches = new BatchReader({ track, keys: new CertifiedKeys(session), now })
  const keyByKid = new Map<bigint, ReceiverKey>()
  const open = async ({ kid, sealed, mimeType }: Arriving): Promise<string | undefined> => {
    const number = BigInt(`0x${kid}`)
    const key =
      keyByKid.get(number) ?? (await receiverKey({ kid: number, baseKey, isSigned: true }))
    keyByKid.set(number, key)
    const receiving = {
      ...receivingTrack(label, (asked) => keyByKid.get(asked)),
      batches: () => batches,
    }
    const opened = await openFrame({ data: fromHex(sealed), mimeType }, receiving)
    return opened.type === 'opened' ? toHex(opened.data) : undefined
  }
  return { open, time }
}

interface Arriving {
  readonly kid: string
  readonly sealed: string
  readonly mimeType: string
}

test.for(vectors.certificates)('[M88] a certificate: $name', async (vector) => {
  const keys = new CertifiedKeys(ids())
  await keys.take(fromHex(vector.certificate), 0)
  const hint = hintOf(fromHex(vector.certificate).subarray(32))
  expect(keys.find(hint) !== undefined).toBe(vector.isTaken)
})

test.for(vectors.digests)('[M90] the digest of a frame of $mimeType, $counter', async (vector) => {
  const profile = findCodecProfile(vector.mimeType)
  const parts = profile?.split(fromHex(vector.frame), {})
  if (!profile || !parts || typeof parts === 'string') throw new Error('expected a frame')
  const header = encodeSFrameHeader(BigInt(`0x${vector.kid}`), BigInt(vector.counter))
  const { clear, rest } = parts
  const label = encodeTrackLabel(vector.label)
  const aad = frameAdditionalData({ header, clear, label, codec: profile.id | SIGNED })
  expect(toHex(await digestFrame(rest, aad))).toBe(vector.digest)
})

test.for(vectors.tracks)(
  '[M89, M90, M91, M92] sealed as the reference does: $name',
  async ({ frames }) => {
    const [{ label } = { label: '' }] = frames
    const session = ids()
    const time = { nowMs: 0 }
    const writer = new BatchWriter({
      track: { ...session, encodedLabel: encodeTrackLabel(label) },
      isEach: label === 'screen',
      now: () => time.nowMs,
    })
    const signing = { writer, signer: await mediaSigner() }
    const sealed: string[] = []
    for (const vector of frames) {
      time.nowMs = vector.atMs
      const kid = BigInt(`0x${vector.kid}`)
      const key: SenderKey = await senderKey({ kid, baseKey, first: vector.counter })
      const frame = { data: fromHex(vector.frame), mimeType: vector.mimeType }
      const result = await sealFrame(frame, { key, label: encodeTrackLabel(label), signing })
      sealed.push(result.type === 'sealed' ? toHex(result.data) : result.type)
    }
    expect(sealed).toEqual(frames.map((vector) => vector.sealed))
  },
)

test.for(vectors.tracks)('[M89, M93] opened again, frame by frame: $name', async ({ frames }) => {
  const { open, time } = opening(frames[0]?.label ?? '')
  for (const vector of frames) {
    time.nowMs = vector.atMs
    expect(await open(vector)).toBe(vector.frame)
  }
})

test.for(vectors.received)('[M89, M90, M93] received: $name', async ({ frames }) => {
  const { open } = opening('microphone')
  const shown: (string | undefined)[] = []
  for (const vector of frames) shown.push(await open(vector))
  expect(shown).toEqual(frames.map(({ frame, isShown }) => (isShown ? frame : undefined)))
})
