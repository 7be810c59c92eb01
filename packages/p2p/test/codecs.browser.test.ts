/** Negotiation of codecs: of those that can be protected, and a medium for which none is left. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Bench, audioPackets, expectPicture, framesDecoded, until } from './support/bench.ts'
import type { Peer } from './support/bench.ts'

let bench: Bench
beforeEach(() => {
  bench = new Bench()
})
afterEach(async () => bench.close())

test('[S27, M102] only codecs of the protector are negotiated, and retransmission', async () => {
  const [alice, bob] = await Promise.all([bench.peer('alice'), bench.peer('bob')])
  alice.mesh.setTrack('camera', 'video', bench.picture())
  bench.introduce(alice, bob)
  await expectPicture(bob, 'alice')
  const { send } = alice.mesh.connections('bob')
  const { receive } = bob.mesh.connections('alice')
  const names = [send?.localDescription, receive?.localDescription].map((description) =>
    [...(description?.sdp.matchAll(/^a=rtpmap:\d+ ([^/]+)/gm) ?? [])].map(([, name]) => name),
  )
  expect(names).toEqual([
    ['opus', 'VP8', 'rtx'],
    ['opus', 'VP8', 'rtx'],
  ])
})

const withoutCommonCodec = [
  ['the receiver knows other codecs', ['video/vp8'], ['video/h264', 'video/vp9']],
  ['the receiver has none of its codecs', ['video/vp8'], ['video/none']],
  ['the sender has none of its codecs', ['video/none'], ['video/vp8']],
] as const

const orders = ['before the first offer', 'after it'] as const

test.each(
  withoutCommonCodec.flatMap(([reason, sent, received]) =>
    orders.map((begins) => ({ reason, sent, received, begins })),
  ),
)(
  '[S27, S53] without a common codec for video there is sound, and both are told: $reason, the camera begins $begins',
  async ({ sent, received, begins }) => {
    const [alice, bob] = await Promise.all([bench.peer('alice'), bench.peer('bob')])
    alice.frames.codecs.video = [...sent]
    bob.frames.codecs.video = [...received]
    const show = (): void => alice.mesh.setTrack('camera', 'video', bench.picture())
    const isLate = begins === orders[1]
    if (!isLate) show()
    alice.mesh.setTrack('microphone', 'audio', bench.tone())
    bench.introduce(alice, bob)
    await until('sound', async () => (await audioPackets(bob, 'alice')) > 20)
    // A section that is to carry nothing is nothing to tell of.
    expect(isLate ? [...alice.missing, ...bob.missing] : []).toEqual([])
    if (isLate) show()
    await until('told', () => alice.missing.length === 1 && bob.missing.length === 1)
    expect(await framesDecoded(bob, 'alice')).toBe(0)
    // A screen is no reason to begin again either.
    const connection = alice.mesh.connections('bob').send
    alice.mesh.setTrack('screen', 'video', bench.picture('black', 640, 480))
    const before = await audioPackets(bob, 'alice')
    await until('more sound', async () => (await audioPackets(bob, 'alice')) > before + 20)
    expect(alice.mesh.connections('bob').send).toBe(connection)
    await until('told', () => alice.missing.length === 2 && bob.missing.length === 2)
    expect(alice.missing).toEqual(['bob camera send', 'bob screen send'])
    expect(bob.missing).toEqual(['alice camera receive', 'alice screen receive'])
    // Once for each label: the state is final.
    alice.mesh.setTrack('camera', 'video', null)
    show()
    alice.mesh.setTrack('other', 'audio', bench.tone())
    await until('the next offers', () => bob.tracks.has('alice other'))
    expect([alice.missing.length, bob.missing.length]).toEqual([2, 2])
    expect(new Set([...alice.errors, ...bob.errors])).toEqual(
      new Set(['ERR_P2P_UNSUPPORTED_CODEC']),
    )
    expect([alice.mesh.drops.size, bob.mesh.drops.size]).toEqual([0, 0])
  },
)

test('[S53] a receiver that cannot be protected is no receiver without a codec', async () => {
  const alice = await bench.peer('alice')
  const bob = await bench.peer('bob', { frames: bench.deafFrames() })
  alice.mesh.setTrack('camera', 'video', bench.picture())
  bench.introduce(alice, bob)
  await until('reported', () => bob.errors.length > 0)
  // Another offer describes the refused section again.
  alice.mesh.setTrack('screen', 'video', bench.picture())
  await until('offered', () => bench.messages('bob', 'answer').length > 1)
  expect(new Set(bob.errors)).toEqual(new Set(['ERR_P2P_PROTECT_FAILED']))
})

test('[S52, S54] the first codec that both prefer is sent, AV1 in layers', async () => {
  const [alice, bob] = await Promise.all([bench.peer('alice'), bench.peer('bob')])
  for (const { frames } of [alice, bob]) frames.codecs.video = ['video/av1', 'video/vp8']
  const names = (peer: Peer): readonly unknown[] =>
    [...new Set(peer.frames.sending)].flatMap((connection) =>
      connection
        .getSenders()
        .filter(({ track }) => track?.kind === 'video')
        .flatMap((sender) => {
          const { codecs, encodings } = sender.getParameters()
          return [codecs[0]?.mimeType, ...encodings.map((each) => Object(each).scalabilityMode)]
        }),
    )
  alice.mesh.setTrack('camera', 'video', bench.picture())
  bench.introduce(alice, bob)
  await until('negotiated', () => names(alice).includes('video/AV1'))
  expect(names(alice)).toEqual(['video/AV1', 'L1T2'])
})
