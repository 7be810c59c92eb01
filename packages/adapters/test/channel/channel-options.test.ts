import { sealChannel } from '@conclave/adapters'
import { sealBroadcastChannel } from '@conclave/adapters/broadcast-channel'
import { sealDataChannel } from '@conclave/adapters/data-channel'
import { sealEchoChannel } from '@conclave/adapters/echo'
import { sealPusherBackend, sealPusherChannel } from '@conclave/adapters/pusher'
import { sealWebSocket } from '@conclave/adapters/websocket'
import { expect, test } from 'vitest'
import { Carrier, CONTEXT, joinSealed, ringOf } from '../fixtures.ts'

const wrong: readonly (readonly [string, unknown])[] = [
  ['options', undefined],
  ['keys', { sender: 'a', context: CONTEXT }],
  ['keys', { sender: 'a', context: CONTEXT, keys: new Uint8Array(32) }],
  ['context', { sender: 'a', keys: ringOf() }],
  ['kind', { sender: 'a', keys: ringOf(), context: { kind: 'chat', roomId: 'r' } }],
  ['scope', { sender: 'a', keys: ringOf(), context: { ...CONTEXT, scope: '' } }],
  ['scopeId', { sender: 'a', keys: ringOf(), context: { ...CONTEXT, scopeId: 7 } }],
  ['callId', { sender: 'a', keys: ringOf(), context: { kind: 'call', callId: '\ud800' } }],
  ['sender', { keys: ringOf(), context: CONTEXT }],
  ['sender', { sender: 'é'.repeat(128), keys: ringOf(), context: CONTEXT }],
  ['keyId', { sender: 'a', keys: ringOf(), context: CONTEXT, keyId: 'k' }],
  ['keepUnknown', { sender: 'a', keys: ringOf(), context: CONTEXT, keepUnknown: 513 }],
  ['keepUnknown', { sender: 'a', keys: ringOf(), context: CONTEXT, keepUnknown: '1' }],
  ['minKeyVersion', { sender: 'a', keys: ringOf(), context: CONTEXT, minKeyVersion: -1 }],
  ['padding', { sender: 'a', keys: ringOf(), context: CONTEXT, padding: 'zeros' }],
  ['hideEventNames', { sender: 'a', keys: ringOf(), context: CONTEXT, hideEventNames: 1 }],
  ['counter', { sender: 'a', keys: ringOf(), context: CONTEXT, counter: 7 }],
  ['clock', { sender: 'a', keys: ringOf(), context: CONTEXT, clock: 7 }],
  ['replay', { sender: 'a', keys: ringOf(), context: CONTEXT, replay: true }],
  ['signer', { sender: 'a', keys: ringOf(), context: CONTEXT, signer: {} }],
  ['verifier', { sender: 'a', keys: ringOf(), context: CONTEXT, verifier: null }],
  ['checks', { sender: 'a', keys: ringOf(), context: CONTEXT, checks: { message: true } }],
  ['checks', { sender: 'a', keys: ringOf(), context: CONTEXT, checks: null }],
  ...[
    null,
    'typing',
    { typing: true },
    [7],
    [''],
    [undefined],
    ['\ud800'],
    ['dropped'],
    ['sealed'],
    ['a', 'a'],
  ].map((clear) => ['clear', { sender: 'a', keys: ringOf(), context: CONTEXT, clear }] as const),
]

test.each(wrong)('[T15, T17] a wrong %s is named when the channel is made', (name, options) => {
  expect(() => sealChannel(new Carrier().join(), options as never)).toThrow(`"${name}" expected`)
})

test('[T15] a transport sends and receives, in one of two encodings', () => {
  const options = { keys: ringOf(), context: CONTEXT, sender: 'a' }
  const transport = new Carrier().join()
  for (const wrongOne of [undefined, {}, { ...transport, receive: undefined }]) {
    expect(() => sealChannel(wrongOne as never, options)).toThrow('"transport" expected')
  }
  expect(() => sealChannel({ ...transport, encoding: 'text' as never }, options)).toThrow(
    '"transport.encoding" expected',
  )
})

test('[T15] a handler is a function', () => {
  const { channel } = joinSealed(new Carrier(), { sender: 'alice' })
  expect(() => channel.on('message', 7 as never)).toThrow('"handler" expected function')
  expect(() => channel.on('dropped', null as never)).toThrow('"handler" expected function')
})

const pusherChannel = {
  name: 'private-room',
  subscribed: false,
  pusher: { connection: { bind: () => {}, unbind: () => {} } },
  trigger: () => false,
  bind: () => {},
  unbind: () => {},
  bind_global: () => {},
  unbind_global: () => {},
}
const listening = { addEventListener: () => {}, removeEventListener: () => {} }
const sending = { ...listening, bufferedAmount: 0, binaryType: 'blob', send: () => {} }
const sealers: Readonly<Record<string, (options: unknown) => unknown>> = {
  sealPusherChannel: (options) => sealPusherChannel(pusherChannel, options as never),
  sealPusherBackend: (options) =>
    sealPusherBackend({ trigger: () => Promise.resolve() }, 'room', options as never),
  sealEchoChannel: (options) =>
    sealEchoChannel(
      { subscription: pusherChannel, eventFormatter: { format: (name) => name } },
      options as never,
    ),
  sealWebSocket: (options) => sealWebSocket({ ...sending, readyState: 1 }, options as never),
  sealDataChannel: (options) =>
    sealDataChannel(
      { ...sending, readyState: 'open', bufferedAmountLowThreshold: 0 },
      options as never,
    ),
  sealBroadcastChannel: (options) =>
    sealBroadcastChannel({ ...listening, name: 'tabs', postMessage: () => {} }, options as never),
}

test.each(Object.keys(sealers))('[T15] %s names the wrong option', (name) => {
  const seal = sealers[name]
  const good = { keys: ringOf(), context: CONTEXT, sender: 'a' }
  expect(() => seal?.(good)).not.toThrow()
  expect(() => seal?.(undefined)).toThrow('"options" expected')
  expect(() => seal?.(null)).toThrow('"options" expected')
  expect(() => seal?.({ ...good, sender: 7 })).toThrow('"sender" expected')
  expect(() => seal?.({ ...good, context: 'room' })).toThrow('"context" expected')
  expect(() => seal?.({ ...good, clear: ['typing', 'typing'] })).toThrow('"clear" expected')
})

test('[T15] limits are numbers of bytes', () => {
  const good = { keys: ringOf(), context: CONTEXT, sender: 'a' }
  for (const value of [-1, 1.5, '1', Number.NaN, null]) {
    expect(() => sealers['sealPusherChannel']?.({ ...good, maxBytes: value })).toThrow(
      '"maxBytes" expected',
    )
    expect(() => sealers['sealPusherBackend']?.({ ...good, maxBytes: value })).toThrow(
      '"maxBytes" expected',
    )
    for (const seal of [sealers['sealWebSocket'], sealers['sealDataChannel']]) {
      expect(() => seal?.({ ...good, maxFrameBytes: value })).toThrow('"maxFrameBytes" expected')
      expect(() => seal?.({ ...good, maxBufferedBytes: value })).toThrow(
        '"maxBufferedBytes" expected',
      )
    }
  }
  expect(() => sealers['sealPusherChannel']?.({ ...good, via: 'post' })).toThrow('"via" expected')
  expect(() => sealPusherBackend({} as never, 'room', good)).toThrow('"pusher" expected')
})

test.each(['client-x', 'pusher:x', 'pusher_internal:x'])(
  '[T17, T20] %s is refused as a name on channels of Pusher, which would mistake it for another',
  async (name) => {
    const options = { keys: ringOf(), sender: 'a' }
    const client = sealPusherChannel(pusherChannel, options)
    const backend = sealPusherBackend({ trigger: () => Promise.resolve() }, 'room', options)
    for (const channel of [client, backend]) {
      await expect(channel.send(name, 1)).rejects.toThrow(/"eventName" expected .*does not begin/)
      expect(() => channel.on(name, () => {})).toThrow(RangeError)
    }
    for (const seal of [sealers['sealPusherChannel'], sealers['sealPusherBackend']]) {
      expect(() => seal?.({ ...options, clear: [name] })).toThrow(
        /"clear" expected .*does not begin/,
      )
    }
  },
)
