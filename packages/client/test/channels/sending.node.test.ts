/** Events that are sent and signalled, and those that come. */
import type { HubChannel } from '@conclave/client/channels'
import { encodeEventFrame, MAX_QUEUED_EVENTS } from '@conclave/adapters'
import { EventCounter, Keyring, sealEventBinary } from '@conclave/e2ee'
import { SERVER_SENDER } from '@conclave/wire'
import type { MemberId, PublishFrame, RefusedReason, SignalFrame } from '@conclave/wire'
import { describe, expect, test } from 'vitest'
import { LIMITS } from '../hub/hub-limits.ts'
import { ScriptedHub, sealed } from './scripted-hub.ts'

const NAME = 'private-orders'
const BOB = 'AAAAAAAAAAAAAAAAAAAAAw' as MemberId

async function opened(
  options = sealed('alice'),
  hub?: ScriptedHub,
): Promise<{ readonly hub: ScriptedHub; readonly channel: HubChannel }> {
  const at = hub ?? (await ScriptedHub.start())
  const channel = at.connect().channel(NAME, options)
  await channel.opened
  return { hub: at, channel }
}

/** A frame as the hub hands it to the others. */
const toOthers = ({ type, id, payload }: PublishFrame | SignalFrame, channel = 7) =>
  type === 'publish'
    ? ({ type: 'deliver', channel, id, position: 1n, from: BOB, payload } as const)
    : ({ type: 'signalled', channel, id, from: BOB, payload } as const)

describe('a message', () => {
  test('[G95] is sent when the hub has acknowledged it, and the next one does not wait for that', async () => {
    const { hub, channel } = await opened()
    const settled: number[] = []
    const sends = [1, 2].map((value) =>
      channel.send('order', value).then(() => settled.push(value)),
    )
    await expect.poll(() => hub.published.length).toBe(2)
    expect(settled).toEqual([])
    for (const frame of [...hub.published].reverse()) hub.acknowledge(frame)
    await Promise.all(sends)
    expect(settled).toEqual([2, 1])
  })

  test('[G95] waits while the connection is away, in order, and keeps its id', async () => {
    const hub = await ScriptedHub.start()
    const channel = hub.connect().channel(NAME, sealed('alice'))
    const early = channel.send('order', 0)
    await channel.opened
    const sends = [early, channel.send('order', 1)]
    await expect.poll(() => hub.published.length).toBe(2)
    hub.socket.terminate()
    await expect.poll(() => channel.state.type).toBe('waiting')
    sends.push(channel.send('order', 2))
    await hub.until(() => hub.published.length === 5)
    const [a, b, ...again] = hub.published
    expect(again.map(({ id }) => id).slice(0, 2)).toEqual([a?.id, b?.id])
    for (const frame of again) hub.acknowledge(frame)
    await Promise.all(sends)
  })

  test.each(['too-large', 'absent', 'malformed', 'denied'] as const)(
    '[G95] that the hub refuses as %s is its sender’s error',
    async (reason) => {
      const { hub, channel } = await opened()
      const sent = channel.send('order', 1)
      await expect.poll(() => hub.published.length).toBe(1)
      hub.say({ type: 'refused', id: hub.published[0]?.id as never, reason })
      await expect(sent).rejects.toMatchObject(
        reason === 'denied'
          ? { code: 'ERR_CLIENT_CHANNEL_DENIED', details: { right: 'publish' } }
          : { code: 'ERR_CLIENT_CHANNEL_REFUSED', details: { channel: NAME, reason } },
      )
    },
  )

  test.each(['rate', 'unavailable', 'unknown-channel'] as const)(
    '[G95] that the hub refuses as %s is published again later',
    async (reason: RefusedReason) => {
      const { hub, channel } = await opened()
      const sent = channel.send('order', 1)
      await expect.poll(() => hub.published.length).toBe(1)
      hub.say({ type: 'refused', id: hub.published[0]?.id as never, reason })
      await hub.until(() => hub.published.length === 2)
      expect(hub.published[1]).toEqual(hub.published[0])
      hub.acknowledge(hub.published[1] as PublishFrame)
      await sent
    },
  )

  test('[G95] of a channel that is not open does not hold up others', async () => {
    const hub = await ScriptedHub.start()
    hub.answer = (message) =>
      message.channel === 'private-late' ? undefined : hub.subscribed(message)
    const client = hub.connect()
    const late = client.channel('private-late', sealed('alice'))
    const waiting = late.send('order', 1)
    const channel = client.channel(NAME, sealed('alice'))
    const sent = channel.send('order', 2)
    await expect.poll(() => hub.published.length).toBe(1)
    hub.acknowledge(hub.published[0] as PublishFrame)
    await sent
    await late.close()
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_CLIENT_CHANNEL_ENDED' })
  })

  test('[G95] that finds no space is refused, and the others are kept', async () => {
    const hub = await ScriptedHub.start()
    hub.answer = () => undefined
    const channel = hub.connect().channel(NAME, sealed('alice'))
    const results: string[] = []
    const sends: Promise<void>[] = []
    // More than may be sealed at once.
    for (let round = 0; round < 12; round += 1) {
      for (let at = 0; at < MAX_QUEUED_EVENTS; at += 1) {
        const sent = channel.send('order', at)
        sends.push(sent.catch((error: { code: string }) => void results.push(error.code)))
      }
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
    await expect.poll(() => results.length).toBe(12 * MAX_QUEUED_EVENTS - 2048)
    expect(new Set(results)).toEqual(new Set(['ERR_CLIENT_OVERFLOW']))
    await channel.close()
    await Promise.all(sends)
    expect(results.filter((code) => code === 'ERR_CLIENT_CHANNEL_ENDED')).toHaveLength(2048)
  })

  test('[G95, W18] keeps within what the hub allows', async () => {
    const hub = await ScriptedHub.start()
    hub.limits = { ...LIMITS, publishesInFlight: 2, maxPayloadBytes: 1000 }
    const { channel } = await opened(sealed('alice'), hub)
    const sends = [1, 2, 3].map((value) => channel.send('order', value))
    await expect(channel.send('order', 'x'.repeat(1000))).rejects.toMatchObject({
      details: { reason: 'too-large' },
    })
    await expect.poll(() => hub.published.length).toBe(2)
    for (const frame of [...hub.published]) hub.acknowledge(frame)
    await expect.poll(() => hub.published.length).toBe(3)
    hub.acknowledge(hub.published[2] as PublishFrame)
    await Promise.all(sends)
  })
})

describe('a signal', () => {
  test('[G96] is sent at once, or dropped', async () => {
    const hub = await ScriptedHub.start()
    hub.limits = { ...LIMITS, publishBurst: 4 }
    const channel = hub.connect().channel(NAME, sealed('alice'))
    expect(await channel.signal('typing', 1)).toBe(false)
    await channel.opened
    const sent: boolean[] = []
    for (let at = 0; at < 4; at += 1) sent.push(await channel.signal('typing', at))
    // Half of the burst, and the reserve of R6, is for messages.
    expect(sent).toEqual([true, false, false, false])
    await expect.poll(() => hub.signals.length).toBe(sent.filter(Boolean).length)
    const message = channel.send('order', 1)
    await expect.poll(() => hub.published.length).toBe(1)
    hub.acknowledge(hub.published[0] as PublishFrame)
    await message
  })

  test('[G96, W25] keeps within what the hub allows to signals', async () => {
    const hub = await ScriptedHub.start()
    hub.limits = { ...LIMITS, signalPerSecond: 1, signalBurst: 4 }
    const { channel } = await opened(sealed('alice'), hub)
    const sent: boolean[] = []
    for (let at = 0; at < 5; at += 1) sent.push(await channel.signal('typing', at))
    expect(sent).toEqual([true, true, true, false, false])
  })

  test('[G96] without the right to it is the caller’s error', async () => {
    const { channel } = await opened({ ...sealed('alice'), wants: ['subscribe'] })
    await expect(channel.signal('typing', 1)).rejects.toMatchObject({
      ...{ code: 'ERR_CLIENT_CHANNEL_DENIED', details: { channel: NAME, right: 'signal' } },
    })
  })
})

describe('an event', () => {
  test('[G97] opens at the others, once, whether sent or signalled, and its name is hidden', async () => {
    const { hub, channel } = await opened()
    const bob = hub.connect().channel(NAME, sealed('bob'))
    await bob.opened
    const values: unknown[] = []
    bob.on('order', (value, { type, eventName }) => values.push([type, eventName, value]))
    void channel.send('order', { body: 'kingfisher' }).catch(() => {})
    await channel.signal('order', 2)
    await expect.poll(() => hub.published.length + hub.signals.length).toBe(2)
    for (const frame of [...hub.published, ...hub.signals]) {
      expect(Buffer.from(frame.payload).toString('latin1')).not.toMatch(/order"|kingfisher/)
      for (let times = 0; times < 2; times += 1) hub.send(toOthers(frame, 8))
    }
    await expect.poll(() => bob.dropped.get('replay')).toBe(2)
    expect(values).toEqual([
      ['sealed', 'order', { body: 'kingfisher' }],
      ['sealed', 'order', 2],
    ])
  })

  test('[G97] without a key is not sent', async () => {
    const { hub, channel } = await opened({ keys: new Keyring(), sender: 'alice' })
    const code = 'ERR_E2EE_UNKNOWN_KEY'
    await expect(channel.send('order', 1)).rejects.toMatchObject({ code })
    await expect(channel.signal('order', 1)).rejects.toMatchObject({ code })
    expect([...hub.published, ...hub.signals]).toEqual([])
  })

  test('[G97] in clear, or of another channel, reaches no handler', async () => {
    const { hub, channel } = await opened()
    const values: unknown[] = []
    channel.on('order', (value) => values.push(value))
    const { keys } = sealed('mallory')
    const of = async (scopeId: string): Promise<Uint8Array> => {
      const context = { kind: 'realtime', scope: 'channel', scopeId, eventName: 'order' } as const
      const counter = new EventCounter({ now: Date.now() })
      const options = { ...context, sender: 'mallory', counter, hideEventName: true }
      return encodeEventFrame('sealed', await sealEventBinary('x', keys as Keyring, options))
    }
    const clear = encodeEventFrame('order', new TextEncoder().encode('"x"'))
    const payloads = [clear, new Uint8Array(5), await of('private-other')]
    for (const payload of payloads) {
      const id = 'AAAAAAAAAAAAAAAAAAAAAg' as never
      hub.send({ type: 'deliver', channel: 7, position: 1n, id, from: BOB, payload })
    }
    await expect
      .poll(() => Object.fromEntries(channel.dropped))
      .toEqual({
        ...{ unsealed: 2, 'not-authentic': 1 },
      })
    expect(values).toEqual([])
  })

  test('[G97] of a name that is declared clear tells when the application’s server sent it', async () => {
    const { hub, channel } = await opened({ ...sealed('alice'), clear: ['notice' as never] })
    const facts: unknown[] = []
    channel.on('notice', (value, event) => facts.push([value, event]))
    const payload = encodeEventFrame('notice', new TextEncoder().encode('"closing"'))
    const id = 'AAAAAAAAAAAAAAAAAAAAAg' as never
    hub.send({ type: 'deliver', channel: 7, position: 1n, id, from: SERVER_SENDER, payload })
    await expect
      .poll(() => facts)
      .toEqual([['closing', { type: 'clear', eventName: 'notice', from: 'backend' }]])
  })
})

test('[G97] names of notices are no names of events', async () => {
  const { channel } = await opened()
  for (const name of [
    'stateChanged',
    'memberJoined',
    'conclave/member-info',
    'dropped',
    'sealed',
  ]) {
    await expect(channel.send(name, 1)).rejects.toThrow('"eventName" expected')
  }
})
