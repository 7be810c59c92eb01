/** The script in the pages of a test; bundled with the browser builds of the client libraries. */
import { Keyring } from '@conclave/e2ee'
import { sealBroadcastChannel } from '@conclave/adapters/broadcast-channel'
import { sealEchoChannel } from '@conclave/adapters/echo'
import { sealPusherChannel } from '@conclave/adapters/pusher'
import { sealWebSocket } from '@conclave/adapters/websocket'
import Echo from 'laravel-echo'
import Pusher from 'pusher-js'
import PusherWithEncryption from 'pusher-js/with-encryption'

/** Whom a page meets, and as whom. */
export interface Meeting {
  readonly sender: string
  readonly key: string
  readonly host: string
  readonly port: number
}

/** The state that a page reports. */
export interface Heard {
  readonly values: readonly unknown[]
  readonly dropped: Readonly<Record<string, number>>
}

const values: unknown[] = []
const dropped: Record<string, number> = {}
let send: (value: unknown) => Promise<void> = () => Promise.reject(new Error('not joined'))

/** Functions that the test calls. */
export const pageFunctions = {
  /** With which globals this build of `pusher-js` was made. */
  isBrowserBuild: (): boolean => 'getDocument' in Pusher.Runtime,

  async joinPusher(meeting: Meeting): Promise<void> {
    const channel = connect(meeting).subscribe('presence-room')
    const sealed = sealPusherChannel(channel, { keys: ring(), sender: meeting.sender })
    sealed.on('message', (value) => values.push(value))
    sealed.on('dropped', ({ reason }) => count(reason))
    send = (value) => sealed.send('message', value)
    await subscription(channel)
  },

  /** Listens to an encrypted channel of Pusher's and, beside it, to a sealed one. */
  async joinBoth(meeting: Meeting): Promise<void> {
    const pusher = connect(meeting, PusherWithEncryption)
    const old = pusher.subscribe('private-encrypted-room')
    old.bind('message', (value: unknown) => values.push(value))
    const channel = pusher.subscribe('private-room')
    const sealed = sealPusherChannel(channel, { keys: ring(), sender: meeting.sender })
    sealed.on('message', (value) => values.push(value))
    sealed.on('dropped', ({ reason }) => count(reason))
    send = (value) => sealed.send('message', value)
    await Promise.all([subscription(old), subscription(channel)])
  },

  async joinEcho(meeting: Meeting): Promise<void> {
    const echo = new Echo({ broadcaster: 'pusher', key: meeting.key, client: connect(meeting) })
    const channel = echo.join('room')
    const sealed = sealEchoChannel(channel, { keys: ring(), sender: meeting.sender })
    sealed.listenForWhisper('message', (value) => values.push(value))
    sealed.on('dropped', ({ reason }) => count(reason))
    send = (value) => sealed.whisper('message', value)
    await subscription(channel.subscription)
  },

  async joinSocket(url: string, sender: string, encoding: 'json' | 'binary'): Promise<void> {
    const socket = new WebSocket(url)
    const context = { kind: 'realtime', scope: 'room', scopeId: '42' } as const
    const sealed = sealWebSocket(socket, { keys: ring(), context, sender, encoding })
    sealed.on('message', (value) => values.push(value))
    sealed.on('dropped', ({ reason }) => count(reason))
    send = (value) => sealed.send('message', value)
    await new Promise((resolve) => socket.addEventListener('open', resolve))
  },

  joinBroadcast(sender: string): void {
    const sealed = sealBroadcastChannel(new BroadcastChannel('tabs'), { keys: ring(), sender })
    sealed.on('message', (value) => values.push(value))
    sealed.on('dropped', ({ reason }) => count(reason))
    send = (value) => sealed.send('message', value)
  },

  /** Starts a worker and a frame that join the broadcast, and waits until both are there. */
  async addWorkerAndFrame(): Promise<void> {
    const ready = new Promise<void>((resolve) => {
      const waiting = new Set(['worker', 'frame'])
      const lobby = new BroadcastChannel('lobby')
      lobby.addEventListener('message', ({ data }) => {
        waiting.delete(String(data))
        if (waiting.size === 0) resolve()
      })
    })
    new Worker('/peer.js?worker', { type: 'module' }).addEventListener('error', () =>
      count('worker'),
    )
    document.body.append(Object.assign(document.createElement('iframe'), { src: '/frame.html' }))
    await ready
  },

  send: (value: unknown): Promise<void> => send(value),

  heard: (): Heard => ({ values, dropped }),
}

Object.assign(globalThis, { pageFunctions })

function connect({ key, host, port }: Meeting, Client = Pusher): Pusher {
  return new Client(key, {
    cluster: 'local',
    wsHost: host,
    wsPort: port,
    forceTLS: false,
    enabledTransports: ['ws'],
    channelAuthorization: { endpoint: '/pusher/auth', transport: 'ajax' },
  })
}

function subscription(channel: {
  bind(name: string, callback: () => void): unknown
}): Promise<void> {
  return new Promise((resolve) => channel.bind('pusher:subscription_succeeded', resolve))
}

function ring(): Keyring {
  const keys = new Keyring()
  keys.rotate({ keyId: 'room-42', epoch: 1, key: new Uint8Array(32).fill(7) })
  return keys
}

function count(reason: string): void {
  dropped[reason] = (dropped[reason] ?? 0) + 1
}
