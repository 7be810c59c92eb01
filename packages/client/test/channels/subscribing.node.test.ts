/** How a client gets into channels, stays, and gets out. */
import type { AuthorizeRequest, ChannelState } from '@conclave/client/channels'
import { describe, expect, test } from 'vitest'
import { ScriptedHub, sealed } from './scripted-hub.ts'

describe('a channel', () => {
  test('[G90, G91] is asked for over one connection, which lasts as long as a channel', async () => {
    const hub = await ScriptedHub.start()
    const client = hub.connect()
    expect(client.state).toBe('idle')
    const orders = client.channel('private-orders', sealed('alice'))
    const chat = client.channel('private-chat', sealed('alice'))
    expect(orders.state).toEqual({ type: 'subscribing' })
    await Promise.all([orders.opened, chat.opened])
    expect(hub.sockets).toHaveLength(1)
    expect(client.channels).toEqual(['private-orders', 'private-chat'])
    expect(chat.state).toMatchObject({ type: 'open', rights: ['subscribe', 'publish', 'signal'] })
    await orders.close()
    expect(await orders.closed).toBe('closed')
    await expect.poll(() => hub.of('unsubscribe')).toEqual([{ type: 'unsubscribe', channel: 7 }])
    expect(client.state).toBe('up')
    await chat.close()
    expect(client.state).toBe('idle')
    await expect.poll(() => hub.socket.readyState).toBe(hub.socket.CLOSED)
    const again = client.channel('private-orders', sealed('alice'))
    await again.opened
    expect(hub.sockets).toHaveLength(2)
  })

  test('[G91] that the hub denies is denied for good, and calls say so', async () => {
    const hub = await ScriptedHub.start()
    hub.answer = ({ id }) => ({ type: 'denied', id })
    const channel = hub.connect().channel('private-orders', sealed('alice'))
    const waiting = channel.send('order', 1)
    const code = 'ERR_CLIENT_CHANNEL_DENIED'
    const details = { channel: 'private-orders', right: undefined }
    await expect(channel.opened).rejects.toMatchObject({ code, details })
    await expect(waiting).rejects.toMatchObject({ code })
    await expect(channel.send('order', 2)).rejects.toMatchObject({ code })
    await expect(channel.signal('order', 2)).rejects.toMatchObject({ code })
    expect(channel.state).toEqual({ type: 'denied' })
    expect(await channel.closed).toBe('denied')
  })

  test.each(['revoked', 'kicked', 'banned'] as const)(
    '[G91, G94] that is %s ends',
    async (reason) => {
      const hub = await ScriptedHub.start()
      const channel = hub.connect().channel('private-orders', sealed('alice'))
      await channel.opened
      hub.say({ type: 'unsubscribed', channel: 7, reason })
      expect(await channel.closed).toBe(reason)
      await expect(channel.send('order', 2)).rejects.toMatchObject({
        ...{ code: 'ERR_CLIENT_CHANNEL_ENDED', details: { channel: 'private-orders', reason } },
      })
    },
  )

  test('[G91] of a hub that refuses the connection ends', async () => {
    const hub = await ScriptedHub.start()
    const client = hub.connect()
    const channel = client.channel('private-orders', sealed('alice'))
    await channel.opened
    hub.socket.close(4403)
    expect(await channel.closed).toBe('full')
    expect(client.state).toBe('ended')
    expect(() => client.channel('private-orders', sealed('alice'))).toThrow('left')
  })

  test('[G90] comes back with every connection', async () => {
    const hub = await ScriptedHub.start()
    const channel = hub.connect().channel('private-orders', sealed('alice'))
    const states: ChannelState['type'][] = []
    channel.on('stateChanged', ({ type }) => states.push(type))
    await channel.opened
    await hub.drop()
    await expect.poll(() => states).toEqual(['open', 'waiting', 'open'])
  })

  test('[R230] after a goodbye it comes back when the hub says so', async () => {
    const hub = await ScriptedHub.start()
    const client = hub.connect()
    const channel = client.channel('private-orders', sealed('alice'))
    await channel.opened
    hub.say({ type: 'goodbye', afterMs: 7000 })
    const before = hub.clock.now()
    hub.socket.close(4503)
    await expect.poll(() => channel.state.type).toBe('waiting')
    client.wake()
    await hub.until(() => hub.sockets.length > 1)
    expect(hub.clock.now() - before).toBeGreaterThanOrEqual(7000)
    expect(hub.clock.now() - before).toBeLessThanOrEqual(8100)
  })

  test('[G91, G1] that is closed while it is asked for is left, before it is asked for again', async () => {
    const hub = await ScriptedHub.start()
    const answers: (() => void)[] = []
    hub.answer = (message) => void answers.push(() => hub.say(hub.subscribed(message)))
    const client = hub.connect()
    client.channel('private-other', sealed('alice'))
    const first = client.channel('private-orders', sealed('alice'))
    await expect.poll(() => answers.length).toBe(2)
    await first.close()
    const second = client.channel('private-orders', sealed('alice'))
    answers[1]?.()
    await expect.poll(() => answers.length).toBe(3)
    expect(hub.heard.map(({ type }) => type)).toEqual([
      ...['subscribe', 'subscribe', 'unsubscribe', 'subscribe'],
    ])
    answers[2]?.()
    await second.opened
  })

  test('[G92] is not disturbed by what the hub says otherwise', async () => {
    const hub = await ScriptedHub.start()
    const channel = hub.connect().channel('private-orders', sealed('alice'))
    await channel.opened
    for (const text of ['{', '{"type":"of-a-later-hub"}', 'x'.repeat(20_000)]) hub.socket.send(text)
    hub.socket.send(new Uint8Array(60).fill(255))
    const payload = new Uint8Array(9)
    const stray = { id: 'AAAAAAAAAAAAAAAAAAAAAg' as never, channel: 99, payload }
    hub.send({ type: 'deliver', position: 1n, from: 'AAAAAAAAAAAAAAAAAAAAAw' as never, ...stray })
    hub.say({ type: 'unsubscribed', channel: 99, reason: 'kicked' })
    hub.say({ type: 'denied', id: 77 })
    hub.say({ type: 'memberCount', channel: 7, count: 3 })
    hub.say({ type: 'unsubscribed', channel: 7, reason: 'kicked' })
    expect(await channel.closed).toBe('kicked')
  })
})

describe('the application', () => {
  test('[G93] is asked for a token with all that it is bound to, for each connection', async () => {
    const hub = await ScriptedHub.start()
    const asked: AuthorizeRequest[] = []
    const client = hub.connect((request) => {
      asked.push(request)
      return 'a-token'
    })
    const channel = client.channel('private-orders', { ...sealed('alice'), wants: ['subscribe'] })
    await channel.opened
    await hub.drop()
    await expect.poll(() => hub.of('subscribe').length).toBe(2)
    const same = { channel: 'private-orders', wants: ['subscribe'], host: hub.host }
    expect(asked).toMatchObject([same, same])
    expect(asked[0]?.nonce).not.toBe(asked[1]?.nonce)
    expect(hub.of('subscribe')).toMatchObject([{ token: 'a-token' }, { token: 'a-token' }])
  })

  test('[G93] may leave the decision to the hub, or deny', async () => {
    const hub = await ScriptedHub.start()
    const client = hub.connect(({ channel }) => (channel === 'private-no' ? false : undefined))
    const [yes, no] = [
      client.channel('private-yes', sealed('alice')),
      client.channel('private-no', sealed('alice')),
    ]
    expect(await no.closed).toBe('denied')
    await yes.opened
    expect(hub.of('subscribe')).toMatchObject([{ channel: 'private-yes', token: '' }])
  })

  test('[G93] that fails, hangs or answers nonsense is told so, and asked again', async () => {
    const hub = await ScriptedHub.start()
    const answers = [
      () => Promise.reject(new Error('no network')),
      () => new Promise<string>(() => {}),
      () => 'not a token!',
      () => 'a-token',
    ]
    const client = hub.connect(() => answers.shift()?.() ?? false)
    const channel = client.channel('private-orders', sealed('alice'))
    const causes: unknown[] = []
    channel.on('authorizeFailed', ({ cause }) => causes.push(cause))
    await hub.until(() => channel.state.type === 'open')
    expect(causes).toMatchObject([
      { message: 'no network' },
      { code: 'ERR_CLIENT_TIMEOUT' },
      { code: 'ERR_CLIENT_ARGUMENT' },
    ])
  })

  test('[G93] is asked 8 times at once, and told when its answer is of no use', async () => {
    const hub = await ScriptedHub.start()
    const asked: AuthorizeRequest[] = []
    const client = hub.connect((request) => {
      asked.push(request)
      return new Promise<string>(() => {})
    })
    for (let at = 0; at < 10; at += 1) client.channel(`private-${at}`, sealed('alice'))
    await expect.poll(() => asked.length).toBe(8)
    await client.close()
    expect(asked).toHaveLength(8)
    for (const { signal } of asked) expect(signal.aborted).toBe(true)
  })
})

describe('a grant', () => {
  test('[G93] that cannot be decided is asked for again after the hub’s pause', async () => {
    const hub = await ScriptedHub.start()
    let times = 0
    hub.answer = (message) => {
      times += 1
      if (times > 1) return hub.subscribed(message)
      return { type: 'unavailable', id: message.id, retryAfterMs: 3000 }
    }
    const channel = hub.connect().channel('private-orders', sealed('alice'))
    const before = hub.clock.now()
    await hub.until(() => channel.state.type === 'open')
    expect(hub.clock.now() - before).toBeGreaterThanOrEqual(3000)
  })

  test('[G94] is refreshed when three quarters of its time are over', async () => {
    const hub = await ScriptedHub.start()
    hub.answer = (message) => hub.subscribed(message, 40_000)
    const channel = hub.connect().channel('private-orders', sealed('alice'))
    await channel.opened
    const before = hub.clock.now()
    await hub.until(() => hub.of('refresh').length === 1)
    expect(hub.clock.now() - before).toBeLessThan(31_000)
    const [first] = hub.of('refresh')
    expect(first).toMatchObject({ channel: 7, token: 'token-14' })
    hub.say({ type: 'unavailable', id: first?.id ?? 0, retryAfterMs: 0 })
    await hub.until(() => hub.of('refresh').length === 2)
    const rights = ['subscribe'] as const
    hub.say({ type: 'refreshed', id: hub.of('refresh')[1]?.id ?? 0, rights, expiresInMs: 40_000 })
    await expect.poll(() => channel.state).toMatchObject({ type: 'open', rights })
    await expect(channel.send('order', 1)).rejects.toMatchObject({
      ...{ code: 'ERR_CLIENT_CHANNEL_DENIED', details: { right: 'publish' } },
    })
  })

  test('[G94] that ran out is asked for again', async () => {
    const hub = await ScriptedHub.start()
    const channel = hub.connect().channel('private-orders', sealed('alice'))
    await channel.opened
    const sent = channel.send('order', 1)
    await expect.poll(() => hub.published.length).toBe(1)
    hub.say({ type: 'unsubscribed', channel: 7, reason: 'expired' })
    await expect.poll(() => hub.published.length).toBe(2)
    const [first, second] = hub.published
    expect(second).toEqual({ ...first, channel: 8 })
    if (second !== undefined) hub.acknowledge(second)
    await sent
  })
})
