/** The extensions of signed frames, and frames that members make up with the key of somebody who signs. */
import { parseParticipantId, parseRoomId, idToBytes } from '@conclave/wire'
import { importVerifyKey, verifyBytes } from '@conclave/crypto/verify'
import vectors from '../../../spec/vectors/signed-media.json' with { type: 'json' }
import { encodeTrackLabel } from '../../../packages/media/src/shared/track-name.ts'
import { openFrame } from '../../../packages/media/src/worker/frame-opener.ts'
import { ReceiverKey } from '../../../packages/media/src/worker/receiver-keys.ts'
import { createFrameCipher } from '../../../packages/media/src/sframe/cipher.ts'
import { decodeSFrameHeader } from '../../../packages/media/src/sframe/header.ts'
import { SUITES } from '../../../packages/media/src/sframe/suite.ts'
import { frameAdditionalData, SIGNED } from '../../../packages/media/src/worker/additional-data.ts'
import { BatchReader } from '../../../packages/media/src/worker/signing/batch-reader.ts'
import { batchStatement, encodeBatch } from '../../../packages/media/src/worker/signing/batch.ts'
import { CertifiedKeys } from '../../../packages/media/src/worker/signing/certified-keys.ts'
import { splitExtendedFrame } from '../../../packages/media/src/worker/signing/extension.ts'
import { importHkdfKey } from '@conclave/crypto'
import { mutateBytes } from '../mutate.ts'
import { FuzzFailure, fromHex, mustEqual, mustHold, toHex } from '../target.ts'
import type { FuzzTarget } from '../target.ts'

/** The frames of sound of all vectors: their headers, and what is encrypted in them. */
const prepareFrames = async () => {
  const room = parseRoomId(vectors.room)
  const participant = parseParticipantId(vectors.participant)
  if (!room || !participant) throw new Error('not ids')
  const label = 'microphone'
  const encodedLabel = encodeTrackLabel(label)
  const session = { room: idToBytes(room), participant: idToBytes(participant) }
  const baseKey = await importHkdfKey(fromHex(vectors.baseKey))
  const sealing = new Map<string, Awaited<ReturnType<typeof createFrameCipher>>>()
  const opening = new Map<string, Awaited<ReturnType<typeof createFrameCipher>>>()
  const all: readonly (readonly Pick<SealedVector, 'kid' | 'label' | 'sealed'>[])[] = [
    ...vectors.tracks.map((track) => track.frames),
    ...vectors.received.map((track) => track.frames),
  ]
  const sounds = all.flat().filter((frame) => frame.label === label)
  const frames = await Promise.all(
    sounds.map(async ({ kid, sealed }) => {
      const number = BigInt(`0x${kid}`)
      for (const [use, table] of [
        ['seal', sealing],
        ['open', opening],
      ] as const) {
        const purpose = { suite: SUITES[4], kid: number, use }
        if (!table.has(kid)) table.set(kid, await createFrameCipher(baseKey, purpose))
      }
      const bytes = fromHex(sealed)
      const header = decodeSFrameHeader(bytes)
      const cipher = opening.get(kid)
      if (!header || !cipher) throw new Error('a vector with a header')
      const head = bytes.subarray(0, header.length)
      const parts = { header: head, clear: new Uint8Array(), label: encodedLabel }
      const aad = frameAdditionalData({ ...parts, codec: 1 | SIGNED })
      const { ctr } = header
      const opened = await cipher.decrypt({ ctr, aad }, bytes.slice(header.length))
      return { kid, number, ctr, aad, head, plain: new Uint8Array(opened ?? new ArrayBuffer()) }
    }),
  )
  return { session, label, encodedLabel, sealing, opening, frames }
}

type SealedVector = (typeof vectors.tracks)[number]['frames'][number]

/** Any bytes behind a frame, as a member with the key seals them. */
const extensions: FuzzTarget = {
  name: 'media/signed-extension',
  share: 40,
  async prepare() {
    const { frames, session, encodedLabel } = await prepareFrames()
    const valid = frames.map(({ plain }) => plain)
    const track = { ...session, encodedLabel }
    const key = await importVerifyKey(fromHex(vectors.certificate).slice(32, 64))
    if (key === undefined) throw new Error('a vector with a media key')
    const isReal = new Set<string>()
    for (const { items } of valid.map(splitExtendedFrame)) {
      for (const { content } of items?.batches ?? []) isReal.add(toHex(content))
    }
    return {
      async attempt(random, note) {
        const plain = mutateBytes(random, valid, 600)
        note(plain)
        const { rest, items } = splitExtendedFrame(plain)
        mustEqual(toHex(plain.subarray(0, rest.length)), toHex(rest), 'the frame comes first')
        if (items === undefined) return 'refused'
        const { certificates, batches } = items
        let length = rest.length + 2 + certificates.length * 129
        for (const batch of batches) {
          const { content, signature, from, to } = batch
          length += 1 + content.length + signature.length
          mustEqual(toHex(encodeBatch(batch)), toHex(content), 'one form of a batch')
          mustHold(from <= to && to <= from + 0xffff, 'a batch covers its counters')
        }
        mustEqual(length, plain.length, 'nothing is left over')
        const [batch] = batches
        if (batch === undefined) return 'read'
        const { content, signature } = batch
        if (!(await verifyBytes(key, signature, batchStatement(track, content)))) return 'no batch'
        if (!isReal.has(toHex(content))) throw new FuzzFailure('forged', 'nobody signed this')
        return 'a real batch'
      },
    }
  },
}

/** A member with the key sends frames of any content in the name of a sender that signs. */
const forgedFrames: FuzzTarget = {
  name: 'media/signed-frames',
  share: 12,
  async prepare() {
    const { frames, session, label, encodedLabel, sealing, opening } = await prepareFrames()
    const valid = frames.map(({ plain }) => plain)
    const genuine = new Set(
      vectors.tracks.flatMap((track) => track.frames.map(({ frame }) => frame)),
    )
    return {
      async attempt(random, note) {
        let nowMs = 0
        const track = { ...session, encodedLabel }
        const keys = new CertifiedKeys(session)
        const batches = new BatchReader({ track, keys, now: () => nowMs })
        const keyByKid = new Map(
          Array.from(opening, ([kid, cipher]) => [
            BigInt(`0x${kid}`),
            new ReceiverKey(0n, cipher, { isSigned: true }),
          ]),
        )
        const receiving = {
          ...{ label, encodedLabel, batches: () => batches },
          findKey: (kid: bigint) => keyByKid.get(kid),
        }
        const seen: string[] = []
        for (let turn = 0; turn < 6; turn += 1) {
          const { kid, ctr, aad, head, plain } = random.pick(frames)
          const forged = random.oneIn(2) ? mutateBytes(random, valid, 600) : plain
          note({ kid, ctr, forged })
          const body = await sealing.get(kid)?.encrypt({ ctr, aad }, new Uint8Array(forged))
          const data = Uint8Array.from([...head, ...new Uint8Array(body ?? new ArrayBuffer())])
          nowMs += random.below(700)
          const opened = await openFrame({ data, mimeType: 'audio/opus' }, receiving)
          seen.push(opened.type === 'dropped' ? opened.reason : opened.type)
          if (opened.type === 'dropped' && opened.reason === 'not-signed') return 'stopped'
          if (opened.type === 'opened') {
            mustHold(opened.data.length <= forged.length, 'no more than was sealed')
            seen.push(genuine.has(toHex(opened.data)) ? 'genuine' : 'waits')
          }
        }
        return seen.includes('waits') ? 'waits' : 'went on'
      },
    }
  },
}

/** The targets of signed media. */
export const SIGNED_MEDIA_TARGETS: readonly FuzzTarget[] = [extensions, forgedFrames]
