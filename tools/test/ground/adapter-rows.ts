import { decodeEventFrame, encodeEventFrame, sealChannel, SealedChannel } from '@conclave/adapters'
import { sealBroadcastChannel } from '@conclave/adapters/broadcast-channel'
import { sealDataChannel } from '@conclave/adapters/data-channel'
import { sealEchoChannel } from '@conclave/adapters/echo'
import { isAdapterError } from '@conclave/adapters/errors'
import { sealPusherBackend, sealPusherChannel } from '@conclave/adapters/pusher'
import { sealWebSocket } from '@conclave/adapters/websocket'
import { Keyring } from '@conclave/e2ee'
import { bytesOf } from './given.ts'
import { rowsOf } from './row.ts'
import type { Row } from './row.ts'

/** Carries everything to nobody, for each of the adapters. */
const carrier = {
  ...{ name: 'private-x', readyState: 1, bufferedAmount: 0, bufferedAmountLowThreshold: 0 },
  ...{ binaryType: 'arraybuffer', encoding: 'json', subscribed: true, members: undefined },
  ...{ bind: () => {}, unbind: () => {}, bind_global: () => {}, unbind_global: () => {} },
  ...{ addEventListener: () => {}, removeEventListener: () => {}, receive: () => () => {} },
  ...{ postMessage: () => {}, trigger: () => true, send: () => {} },
  pusher: { connection: { state: 'connected', bind: () => {}, unbind: () => {} } },
} as never
const echo = { subscription: carrier, eventFormatter: { format: (name: string) => name } }
const context = { kind: 'realtime', scope: 'channel', scopeId: 'x' } as const

/** Options with a keyring that draws no nonces ahead. */
const options = () => {
  const keys = new Keyring()
  keys.rotate({ keyId: 'k', epoch: 1, key: bytesOf(1) })
  return { keys, sender: 'alice', context }
}

/** `@conclave/adapters`: sealing a channel draws the number of its stream, sending on it needs all of WebCrypto. */
export const adapterRows = (): readonly Row[] => [
  ...rowsOf('@conclave/adapters', {
    decodeEventFrame: ['', () => decodeEventFrame(new Uint8Array(4), 100)],
    encodeEventFrame: ['', () => encodeEventFrame('a', new Uint8Array(1))],
    isAdapterError: ['', () => isAdapterError(undefined)],
    sealChannel: ['random', () => sealChannel(carrier, options())],
    SealedChannel: ['random', () => sealChannel(carrier, options()) instanceof SealedChannel],
    'sealChannel: send': ['random subtle', () => sealChannel(carrier, options()).send('a', 1)],
  }),
  ...rowsOf('@conclave/adapters/pusher', {
    sealPusherChannel: ['random', () => sealPusherChannel(carrier, options())],
    sealPusherBackend: ['random', () => sealPusherBackend(carrier, 'x', options())],
  }),
  ...rowsOf('@conclave/adapters/echo', {
    sealEchoChannel: ['random', () => sealEchoChannel(echo, options())],
  }),
  ...rowsOf('@conclave/adapters/websocket', {
    sealWebSocket: ['random', () => sealWebSocket(carrier, options())],
  }),
  ...rowsOf('@conclave/adapters/data-channel', {
    sealDataChannel: ['random', () => sealDataChannel(carrier, options())],
  }),
  ...rowsOf('@conclave/adapters/broadcast-channel', {
    sealBroadcastChannel: ['random', () => sealBroadcastChannel(carrier, options())],
  }),
]
