/**
 * A session that signs its media, and those who receive it: workers in played scopes.
 */
import { concatBytes } from '@conclave/base'
import { createSessionKeys } from '@conclave/e2ee/session'
import type { SessionKeys } from '@conclave/e2ee/session'
import { bytesToRoomId, idToBytes } from '@conclave/wire'
import type { RoomId } from '@conclave/wire'
import { importBaseKey } from '../../src/page/base-key.ts'
import { encodeMediaCertificate, mediaKeyStatement } from '../../src/shared/media-certificate.ts'
import type { PipeOptions } from '../../src/shared/protocol.ts'
import { encodeTrackLabel } from '../../src/shared/track-name.ts'
import { createFrameCipher } from '../../src/sframe/cipher.ts'
import type { FrameCipher } from '../../src/sframe/cipher.ts'
import { encodeSFrameHeader } from '../../src/sframe/header.ts'
import { SUITES } from '../../src/sframe/suite.ts'
import { frameAdditionalData, SIGNED } from '../../src/worker/additional-data.ts'
import type { SignedTrack } from '../../src/worker/signing/batch.ts'
import { extendFrame, splitExtendedFrame } from '../../src/worker/signing/extension.ts'
import type { ExtendedFrame } from '../../src/worker/signing/extension.ts'
import { bytes } from './frames.ts'
import { WorkerScene } from './worker-scene.ts'
import type { PlayedLayer, PlayedPipe } from './worker-scene.ts'

const room: RoomId = bytesToRoomId(new Uint8Array(16).fill(7)) as RoomId
export const opus = 'audio/opus'
const sound = { label: 'microphone', kind: 'audio' } as const

/** A frame of sound that is like no other. */
export const soundFrame = (number: number): Uint8Array<ArrayBuffer> =>
  concatBytes([0x78, number >> 8, number & 255], bytes(30))

/** Alice, who signs, and the key under which she seals: every member holds it. */
export class SigningSender {
  readonly session: SessionKeys
  readonly scene: WorkerScene
  readonly pipe: PlayedPipe
  readonly track: SignedTrack
  kid: bigint
  fill = 1
  #sealed = 0

  constructor(session: SessionKeys, scene: WorkerScene, pipe: PlayedPipe, kid: bigint) {
    this.session = session
    this.scene = scene
    this.pipe = pipe
    this.kid = kid
    this.track = trackOf(session, pipe.options.label)
  }

  static async create(track: Partial<PipeOptions> = sound): Promise<SigningSender> {
    const session = await createSessionKeys()
    const scene = await startScene(true)
    await certify(scene, session)
    const kid = await scene.installSenderKey(1)
    const pipe = scene.attach({ side: 'seal', participant: session.id, ...track })
    return new SigningSender(session, scene, pipe, kid)
  }

  /** Seals the next frame of sound, `ms` later. */
  async seal(ms = 20): Promise<Uint8Array> {
    const frame = soundFrame(this.#sealed)
    this.#sealed += 1
    return this.sealAs(frame, { ms, mimeType: opus })
  }

  /** Seals any frame, `ms` later. */
  async sealAs(
    frame: Uint8Array,
    { ms, mimeType, layer }: { ms: number; mimeType: string; layer?: PlayedLayer },
  ): Promise<Uint8Array> {
    this.scene.nowMs += ms
    await this.pipe.push(frame, mimeType, layer)
    return this.pipe.passed.at(-1) ?? new Uint8Array()
  }

  /** Seals this many frames of sound, 20 ms apart. */
  async sealMany(count: number): Promise<Uint8Array[]> {
    const frames: Uint8Array[] = []
    for (let at = 0; at < count; at += 1) frames.push(await this.seal())
    return frames
  }

  async rotate(): Promise<void> {
    this.fill += 1
    this.kid = await this.scene.installSenderKey(this.fill, BigInt(this.fill))
  }
}

/** Bob, who opens the frames of somebody who signs. */
export class VerifyingReceiver {
  readonly scene: WorkerScene
  readonly pipe: PlayedPipe
  readonly isSigned: boolean

  constructor(scene: WorkerScene, pipe: PlayedPipe, isSigned: boolean) {
    this.isSigned = isSigned
    this.scene = scene
    this.pipe = pipe
  }

  static async create(
    sender: SigningSender,
    { isSigned = true, ...track }: Partial<PipeOptions> & { readonly isSigned?: boolean } = {},
  ) {
    const scene = await startScene(false)
    const { label, kind, participant } = sender.pipe.options
    const pipe = scene.attach({ participant, label, kind, ...track })
    const receiver = new VerifyingReceiver(scene, pipe, isSigned)
    await receiver.giveKey(sender)
    return receiver
  }

  async giveKey({ kid, fill, session }: SigningSender): Promise<void> {
    const { isSigned } = this
    const key = { fill, epoch: BigInt(fill), participant: session.id, isSigned }
    await this.scene.giveReceiverKey(kid, key)
  }

  /** A frame comes, `ms` after the one before; whether it was shown. */
  async receive(frame: Uint8Array, { ms = 20, mimeType = opus } = {}): Promise<boolean> {
    const before = this.pipe.passed.length
    this.scene.nowMs += ms
    await this.pipe.push(frame, mimeType)
    return this.pipe.passed.length > before
  }

  /** Frames come one after the other; how many were shown. */
  async receiveAll(frames: readonly Uint8Array[]): Promise<number> {
    let shown = 0
    for (const frame of frames) if (await this.receive(frame)) shown += 1
    return shown
  }

  /** Whether the track stopped, and was said to have. */
  get hasStopped(): boolean {
    return this.scene.heard('forged').length > 0
  }
}

/** A member with the key of somebody: seals any content in that one's name. */
export class Forger {
  readonly #kid: bigint
  readonly #cipher: FrameCipher
  readonly #label: Uint8Array

  constructor(kid: bigint, cipher: FrameCipher, label: string) {
    this.#kid = kid
    this.#cipher = cipher
    this.#label = encodeTrackLabel(label)
  }

  static async create(
    { kid, fill, pipe }: SigningSender,
    { otherKid = kid }: { readonly otherKid?: bigint } = {},
  ): Promise<Forger> {
    const baseKey = await importBaseKey(new Uint8Array(16).fill(fill))
    const purpose = { suite: SUITES[4], kid: otherKid, use: 'seal' } as const
    return new Forger(otherKid, await createFrameCipher(baseKey, purpose), pipe.options.label)
  }

  /** A frame of sound as that of the other one. */
  async forge(
    counter: number,
    { rest = soundFrame(counter + 0x4000), items = [] as readonly Uint8Array[] } = {},
  ): Promise<Uint8Array> {
    return this.seal(counter, extendFrame(rest, items))
  }

  /** Seals any bytes. */
  async seal(counter: number, plain: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    const { header, aad } = this.#headOf(counter)
    const ctr = BigInt(counter)
    return concatBytes(header, new Uint8Array(await this.#cipher.encrypt({ ctr, aad }, plain)))
  }

  additionalData(counter: number): Uint8Array {
    return this.#headOf(counter).aad
  }

  #headOf(counter: number): { readonly header: Uint8Array; readonly aad: Uint8Array<ArrayBuffer> } {
    const header = encodeSFrameHeader(this.#kid, BigInt(counter))
    const parts = { header, clear: new Uint8Array(), label: this.#label, codec: 1 | SIGNED }
    return { header, aad: frameAdditionalData(parts) }
  }
}

/** The two parts of a frame of sound: everybody who holds the key reads them. */
export async function readSound(
  { kid, fill, pipe }: Pick<SigningSender, 'kid' | 'fill' | 'pipe'>,
  frame: Uint8Array,
  counter: number,
): Promise<ExtendedFrame> {
  const baseKey = await importBaseKey(new Uint8Array(16).fill(fill))
  const cipher = await createFrameCipher(baseKey, { suite: SUITES[4], kid, use: 'open' })
  const header = encodeSFrameHeader(kid, BigInt(counter))
  const label = encodeTrackLabel(pipe.options.label)
  const aad = frameAdditionalData({ header, clear: new Uint8Array(), label, codec: 1 | SIGNED })
  const sealed = new Uint8Array(frame.subarray(header.length))
  const plain = await cipher.decrypt({ ctr: BigInt(counter), aad }, sealed)
  if (plain === undefined) throw new Error('does not open')
  return splitExtendedFrame(new Uint8Array(plain))
}

export async function startScene(isSigner: boolean): Promise<WorkerScene> {
  const scene = new WorkerScene()
  const signing = { isSigner, room: idToBytes(room) }
  await scene.request({ type: 'start', version: 1, suite: 4, signing })
  return scene
}

/** A session certifies the key of a worker, for a room. */
export async function certify(
  scene: WorkerScene,
  session: SessionKeys,
  of: RoomId = room,
): Promise<void> {
  const { publicKey: mediaKey } = await scene.request({ type: 'make-media-key' })
  const signature = await session.sign(mediaKeyStatement(idToBytes(of), mediaKey))
  const { signingKey } = session
  const certificate = encodeMediaCertificate({ signingKey, mediaKey, signature })
  await scene.request({ type: 'certify-media-key', certificate })
}

const trackOf = ({ id }: SessionKeys, label: string): SignedTrack => ({
  room: idToBytes(room),
  participant: idToBytes(id),
  encodedLabel: encodeTrackLabel(label),
})
