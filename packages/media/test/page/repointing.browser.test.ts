import { VirtualClock } from '@conclave/base/testing'
import type { FrameCryptoOptions, TransformApi } from '@conclave/media'
import { expect, onTestFinished, test } from 'vitest'
import { audioEnergy, connect, createSide } from '../support/call.ts'
import type { Call, Side } from '../support/call.ts'
import { drawTrack, watchColours } from '../support/colours.ts'

/**
 * A media server gives one receiver to different people in turn. Here the frames of one sender are sealed by different
 * people in turn, which a receiver cannot tell from it.
 */
const camera = { label: 'camera', kind: 'video' } as const
const microphone = { label: 'microphone', kind: 'audio' } as const

const newSide = (options: Partial<FrameCryptoOptions> = {}): Side => {
  const side = createSide(options)
  onTestFinished(() => side.crypto.close())
  return side
}

/** Its watchdog never looks: the counts of its sender are those of others too. */
const newSender = (): Side => newSide({ api: 'script-transform', clock: new VirtualClock(0) })

const send = async (call: Call, by: Side, colour: string): Promise<void> => {
  const connection = { peer: 'nobody', connection: call.sending }
  await by.crypto.protectSender(call.senders.video, camera, connection)
  await by.crypto.protectSender(call.senders.audio, microphone, connection)
  await call.senders.video.replaceTrack(drawTrack(colour))
}

const receive = (call: Call, by: Side, from: Side): Promise<unknown> => {
  const where = { peer: from.id, connection: call.receiving }
  const { audio, video } = call.receivers
  if (!audio || !video) throw new Error('there are no receivers')
  return Promise.all([
    by.crypto.protectReceiver(video, camera, where),
    by.crypto.protectReceiver(audio, microphone, where),
  ])
}

const statesOf = (side: Side, of: Side): string[] =>
  side.states.filter(({ participant }) => participant === of.id).map(({ state }) => state)

test.for<TransformApi>(['script-transform', 'encoded-streams'])(
  '[M56, M57, M58] one receiver shows alice, then bob, and nothing of alice as bob (%s)',
  async (api) => {
    const [alice, bob] = [newSender(), newSender()]
    const to = newSide({ api })
    const call = await connect({ from: alice, to })
    onTestFinished(() => call.close())
    await call.isProtected
    await call.startTracks()
    await send(call, alice, 'red')
    const colours = watchColours(call.video)
    await expect.poll(() => colours.at(-1)).toBe('red')

    // Alice's frames still come for a while: the server is slower than its word.
    await receive(call, to, bob)
    colours.length = 0
    const sent = await alice.crypto.stats()
    await expect
      .poll(async () => (await alice.crypto.stats()).sealed)
      .toBeGreaterThan(sent.sealed + 30)
    await send(call, bob, 'blue')
    await expect.poll(() => colours.at(-1)).toBe('blue')
    expect(colours).not.toContain('red')
    expect(new Set(statesOf(to, alice))).toEqual(new Set(['DecryptionSuccess']))
    expect(new Set(statesOf(to, bob))).toEqual(new Set(['DecryptionSuccess']))
    await expect.poll(() => audioEnergy(call)).toBeGreaterThan(0)

    // Bob leaves; his last frames are no failure of his.
    const known = to.states.length
    for (const receiver of Object.values(call.receivers)) to.crypto.vacate(receiver)
    const { sealed } = await bob.crypto.stats()
    await expect.poll(async () => (await bob.crypto.stats()).sealed).toBeGreaterThan(sealed + 30)
    expect(to.states).toHaveLength(known)
    expect((await to.crypto.stats()).tracks).toEqual([])

    colours.length = 0
    await receive(call, to, bob)
    await expect.poll(() => colours.at(-1)).toBe('blue')
    const { participants, tracks } = await to.crypto.stats()
    expect([...participants.keys()]).toEqual([bob.id])
    expect(tracks).toHaveLength(2)
    expect(to.states.every(({ state }) => state === 'DecryptionSuccess')).toBe(true)
  },
)

test('[M56] a sender that still has a track is not given another label', async () => {
  const [from, to] = [newSide(), newSide()]
  const call = await connect({ from, to })
  onTestFinished(() => call.close())
  await call.isProtected
  const where = { peer: to.id, connection: call.sending }
  await call.senders.video.replaceTrack(drawTrack('red'))
  const screen = { label: 'screen', kind: 'video' } as const
  const refused = from.crypto.protectSender(call.senders.video, screen, where)
  await expect(refused).rejects.toMatchObject({ code: 'ERR_MEDIA_ATTACH' })
  await call.senders.video.replaceTrack(null)
  await from.crypto.protectSender(call.senders.video, screen, where)
  expect((await from.crypto.stats()).tracks.map(({ label }) => label)).toEqual([
    'microphone',
    'screen',
  ])
})
