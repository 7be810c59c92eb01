/** Our worker and the one of `livekit-client` read what the other wrote. */
import { expect, test } from 'vitest'
import { codecFrames } from '../support/livekit-frames.ts'
import { LiveKitScene } from '../support/livekit-scene.ts'
import { LiveKitWorker } from '../support/livekit-worker.ts'

const passphrase = 'wrinkle-otter-mosaic-hazel-canyon-drift'
const secret = Uint8Array.from({ length: 32 }, (_, at) => 7 * at)

const start = async (
  material: string | Uint8Array,
  options: { readonly keySize?: 128 | 256; readonly ratchetSalt?: string; index?: number } = {},
) => {
  const { index = 0, keySize = 128, ratchetSalt = 'LKFrameEncryptionKey' } = options
  const theirs = new LiveKitWorker({ keySize, ratchetSalt })
  theirs.enable('alice')
  await theirs.setKey(material, { keyIndex: index })
  const ours = new LiveKitScene()
  await ours.setRingKey(material, { index, keyBits: keySize, salt: ratchetSalt })
  return { theirs, ours }
}

test.for(codecFrames)('[M75, M77, M78] both ways: $name', async ({ frame, mimeType, restored }) => {
  const { theirs, ours } = await start(secret)
  const ourOpened = restored ?? frame
  const fromTheirs = await theirs.attach('encode', 'alice').push({ data: frame, mimeType })
  if (!fromTheirs) throw new Error('livekit-client dropped the frame')
  expect(await ours.pipe('open').push(fromTheirs, mimeType)).toEqual(ourOpened)
  const fromOurs = await ours.pipe('seal').push(frame, mimeType)
  if (!fromOurs) throw new Error('we dropped the frame')
  expect(await theirs.attach('decode', 'alice').push({ data: fromOurs, mimeType })).toEqual(
    ourOpened,
  )
})

test.for([
  ['a passphrase', passphrase, {}],
  ['a key of 256 bits', secret, { keySize: 256 }],
  ['another salt', passphrase, { ratchetSalt: 'of this application' }],
  ['another place in the ring', secret, { index: 5 }],
] as const)('[M76] both ways with %s', async ([, material, options]) => {
  const { theirs, ours } = await start(material, options)
  const mimeType = 'audio/opus'
  const data = Uint8Array.from({ length: 60 }, (_, at) => at)
  const fromTheirs = await theirs.attach('encode', 'alice').push({ data, mimeType })
  expect(await ours.pipe('open').push(fromTheirs ?? data, mimeType)).toEqual(data)
  const fromOurs = await ours.pipe('seal').push(data, mimeType)
  expect(fromOurs?.at(-1)).toBe('index' in options ? options.index : 0)
  const back = await theirs.attach('decode', 'alice').push({ data: fromOurs ?? data, mimeType })
  expect(back).toEqual(data)
})

test('[M76] each participant has a ring', async () => {
  const theirs = new LiveKitWorker({ sharedKey: false })
  const ours = new LiveKitScene()
  const mimeType = 'video/vp9'
  for (const [at, name] of ['alice', 'bob'].entries()) {
    theirs.enable(name)
    await theirs.setKey(
      secret.map((byte) => byte + at),
      { participant: name, keyIndex: at },
    )
    await ours.setRingKey(
      secret.map((byte) => byte + at),
      { ring: name, index: at },
    )
  }
  const data = Uint8Array.from({ length: 90 }, (_, at) => at)
  const fromAlice = await theirs.attach('encode', 'alice').push({ data, mimeType })
  expect(await ours.pipe('open', 'alice').push(fromAlice ?? data, mimeType)).toEqual(data)
  expect(await ours.pipe('open', 'bob').push(fromAlice ?? data, mimeType)).toBeUndefined()
  // The scene seals as bob, whose key was set last.
  const fromBob = await ours.pipe('seal', 'bob').push(data, mimeType)
  const read = await theirs.attach('decode', 'bob').push({ data: fromBob ?? data, mimeType })
  expect(read).toEqual(data)
})

test('[M78] slices that need escapes are read both ways', async () => {
  const { theirs, ours } = await start(secret)
  const mimeType = 'video/h264'
  const encode = theirs.attach('encode', 'alice')
  const decode = theirs.attach('decode', 'alice')
  const [sealing, opening] = [ours.pipe('seal'), ours.pipe('open')]
  let escaped = 0
  for (let at = 0; at < 200; at += 1) {
    const body = Uint8Array.from({ length: 2000 + (at % 7) }, (_, i) => i * at)
    // Every third slice begins with a zero, which stays clear.
    const data = Uint8Array.of(0, 0, 0, 1, 0x41, at % 3 === 0 ? 0 : 0x9a, ...body)
    const sealed = (await sealing.push(data, mimeType)) ?? data
    expect(await decode.push({ data: sealed, mimeType })).toEqual(data)
    // These make zeros in the IV.
    const place = { ssrc: 0x01_00_00_00, timestamp: at }
    const theirSealed = (await encode.push({ data, mimeType, ...place })) ?? data
    if (theirSealed.length > data.length + 30) escaped += 1
    expect(await opening.push(theirSealed, mimeType)).toEqual(data)
  }
  expect(escaped).toBeGreaterThan(100)
})

test('[M79] clear frames of livekit-client are dropped', async () => {
  const { theirs, ours } = await start(secret)
  theirs.enable('alice', false)
  const open = ours.pipe('open')
  for (const { frame, mimeType } of codecFrames) {
    const clear = await theirs.attach('encode', 'alice').push({ data: frame, mimeType })
    expect(clear).toEqual(frame)
    expect(await open.push(clear ?? frame, mimeType)).toBeUndefined()
  }
  expect((await ours.counters(open.played)).opened).toBe(0)
})
