/**
 * Writes `spec/vectors/signed-media.json` from the reference implementation:
 * `node --conditions=@conclave/source packages/media/test/reference/signed/write-vectors.ts`.
 */
import { sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import {
  batchReference,
  certificateReference,
  pairOf,
  participantOf,
  sealTrackReference,
} from './signed-reference.ts'
import type { TimedFrame } from './signed-reference.ts'
import { digestReference, sealReference } from '../sframe-reference.ts'
import type { ReferenceFrame } from '../sframe-reference.ts'

const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex')
const text = (value: Uint8Array): string => Buffer.from(value).toString('base64url')
const kidText = (kid: bigint): string => kid.toString(16).padStart(14, '0')

const session = pairOf(0x11)
const media = pairOf(0x22)
const mallory = pairOf(0x33)
const room = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex')
const participant = participantOf(session)
const certificate = certificateReference(session, { mediaKey: media.publicKey, room })
const context = { media, room, participant, certificate }
const none = Buffer.alloc(0)

const kid = 0x0102030405062an
const baseKey = Buffer.alloc(16, 0x44)
const sound = (counter: number, change: Partial<TimedFrame> = {}): TimedFrame => ({
  ...{ suite: 4, baseKey, kid, counter, label: 'microphone', mimeType: 'audio/opus' },
  ...{ frame: Buffer.from([0x78, counter % 256, 9, 9, 9, 9]), atMs: counter * 20 },
  ...change,
})
const picture = (counter: number, change: Partial<TimedFrame> = {}): TimedFrame => {
  const key = '504200 9d012a 4001 f000'.replaceAll(' ', '')
  const frame = Buffer.from(`${counter % 4 === 0 ? key : '31'}${'0a0b0c'.repeat(4)}`, 'hex')
  const names = { label: 'camera', mimeType: 'video/vp8' }
  return sound(counter, { frame, atMs: counter * 33, ...names, ...change })
}
const times = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at))

/** Tracks as their sender seals them. */
const tracks = [
  { name: 'sound, 20 ms apart', frames: times(70, (at) => sound(at)) },
  { name: 'a camera, 33 ms apart', frames: times(20, (at) => picture(at)) },
  {
    name: 'a screen: each frame signs itself',
    frames: times(3, (at) => picture(at, { label: 'screen' })),
  },
  { name: '40 frames within 250 ms', frames: times(40, (at) => picture(at, { atMs: at * 5 })) },
  {
    name: 'another key after five frames',
    frames: times(12, (at) =>
      sound(at < 5 ? at : at - 5, { atMs: at * 20, kid: at < 5 ? kid : kid + 1n }),
    ),
  },
  {
    name: 'counters of other tracks between, and far apart',
    frames: [0, 3, 9, 70_000, 70_001, 70_020].map((counter, at) =>
      sound(counter, { atMs: at * 20 }),
    ),
  },
]

const signedSound = sound(5, { extension: none })
const batch = batchReference([signedSound], { ...context, from: 5 })
const item = (type: number, bytes: Buffer): Buffer => Buffer.concat([Buffer.from([type]), bytes])
const certified = item(1, certificate)
const flip = (bytes: Buffer, at: number): Buffer =>
  Buffer.from(bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)))

const statementOf = (of: Buffer, key: Buffer): Buffer =>
  Buffer.concat([Buffer.from('conclave/1 media key\0'), of, key])
const forOther = certificateReference(session, { mediaKey: media.publicKey, room: flip(room, 3) })
const smallOrder = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)])

const certificates = [
  { name: 'the session certifies the key', certificate, isTaken: true },
  { name: 'for another room', certificate: forOther, isTaken: false },
  {
    name: 'by another session',
    certificate: certificateReference(mallory, { mediaKey: media.publicKey, room }),
    isTaken: false,
  },
  {
    name: 'by another session, under the name of this one',
    certificate: Buffer.concat([
      session.publicKey,
      media.publicKey,
      sign(null, statementOf(room, media.publicKey), mallory.privateKey),
    ]),
    isTaken: false,
  },
  { name: 'a bit of the media key changed', certificate: flip(certificate, 40), isTaken: false },
  { name: 'a bit of the signature changed', certificate: flip(certificate, 70), isTaken: false },
  {
    name: 'a media key of small order',
    certificate: certificateReference(session, { mediaKey: smallOrder, room }),
    isTaken: false,
  },
]

/** Frames as they arrive, and whether each is shown. After one that is not, the track has stopped. */
const received = [
  {
    name: 'a frame that signs itself',
    frames: [[signedSound, [certified, item(2, batch)], true]],
  },
  {
    name: 'its batch comes later',
    frames: [
      [signedSound, [certified], true],
      [sound(6), [item(2, batch)], true],
    ],
  },
  {
    name: 'its batch comes before it, and again after it',
    frames: [
      [sound(6), [certified, item(2, batch)], true],
      [signedSound, [], true],
      [sound(7), [item(2, batch)], true],
    ],
  },
  {
    name: 'another frame in its place, batch first',
    frames: [
      [sound(6), [certified, item(2, batch)], true],
      [sound(5, { frame: Buffer.from('78aaaa', 'hex') }), [], false],
    ],
  },
  {
    name: 'another frame in its place, batch later',
    frames: [
      [sound(5, { frame: Buffer.from('78aaaa', 'hex') }), [certified], true],
      [sound(6), [item(2, batch)], false],
    ],
  },
  {
    name: 'a counter that a batch covers and does not list',
    frames: [
      [sound(4), [certified], true],
      [sound(6), [item(2, batchReference([signedSound], { ...context, from: 4 }))], false],
    ],
  },
  {
    name: 'a batch of another track',
    frames: [
      [
        signedSound,
        [
          certified,
          item(
            2,
            batchReference([sound(5, { label: 'screen-audio', extension: none })], {
              ...context,
              from: 5,
            }),
          ),
        ],
        false,
      ],
    ],
  },
  {
    name: 'a batch of another room',
    frames: [
      [
        signedSound,
        [
          certified,
          item(2, batchReference([signedSound], { ...context, room: flip(room, 0), from: 5 })),
        ],
        false,
      ],
    ],
  },
  {
    name: 'a batch of another participant',
    frames: [
      [
        signedSound,
        [
          certified,
          item(
            2,
            batchReference([signedSound], {
              ...context,
              participant: flip(participant, 0),
              from: 5,
            }),
          ),
        ],
        false,
      ],
    ],
  },
  {
    name: 'a bit of the signature changed',
    frames: [[signedSound, [certified, item(2, flip(batch, batch.length - 9))], false]],
  },
  {
    name: 'a bit of the digest changed',
    frames: [[signedSound, [certified, item(2, flip(batch, 18))], false]],
  },
  {
    name: 'a batch under a key without certificate is ignored',
    frames: [
      [
        signedSound,
        [
          certified,
          item(2, batchReference([signedSound], { ...context, media: mallory, from: 5 })),
        ],
        true,
      ],
    ],
  },
  {
    name: 'a batch without entries',
    frames: [
      [
        signedSound,
        [certified, item(2, flip(Buffer.concat([batch.subarray(0, 14), batch.subarray(26)]), 13))],
        false,
      ],
    ],
  },
  {
    name: 'a batch that is cut off',
    frames: [[signedSound, [certified, item(2, batch.subarray(0, -1))], false]],
  },
  {
    name: 'a certificate that is cut off',
    frames: [[signedSound, [certified.subarray(0, -1)], false]],
  },
  { name: 'an item of another type', frames: [[signedSound, [item(3, batch)], false]] },
  {
    name: 'counters that do not rise',
    frames: [
      [
        signedSound,
        [certified, item(2, batchReference([signedSound, signedSound], { ...context, from: 5 }))],
        false,
      ],
    ],
  },
] as unknown as readonly {
  readonly name: string
  readonly frames: readonly (readonly [ReferenceFrame, readonly Buffer[], boolean])[]
}[]

const describe = ({ kid: keyId, counter, label, mimeType, frame }: ReferenceFrame) => ({
  ...{ kid: kidText(keyId), counter, label, mimeType, frame: hex(frame) },
})

const vectors = {
  about:
    'Signed media of Conclave: spec/media.md, section 9. Bytes are hexadecimal, ids are base64url. All frames are sealed in suite 4 under one base key. `mediaSeed` is the seed of the media key.',
  room: text(room),
  participant: text(participant),
  baseKey: hex(baseKey),
  mediaSeed: hex(media.seed),
  certificate: hex(certificate),
  certificates: certificates.map((vector) => ({ ...vector, certificate: hex(vector.certificate) })),
  digests: [signedSound, picture(4, { extension: none }), picture(5, { extension: none })].map(
    (frame) => ({ ...describe(frame), digest: hex(digestReference(frame)) }),
  ),
  tracks: tracks.map(({ name, frames }) => {
    const sealed = sealTrackReference(frames, context)
    return {
      name,
      frames: frames.map((frame, at) => ({
        ...{ ...describe(frame), atMs: frame.atMs, sealed: hex(sealed[at] ?? none) },
      })),
    }
  }),
  received: received.map(({ name, frames }) => ({
    name,
    frames: frames.map(([frame, items, isShown]) => ({
      ...describe(frame),
      ...{ sealed: hex(sealReference({ ...frame, extension: Buffer.concat(items) })), isShown },
    })),
  })),
}
const file = new URL('../../../../../spec/vectors/signed-media.json', import.meta.url)
writeFileSync(file, `${JSON.stringify(vectors, undefined, 2)}\n`)
