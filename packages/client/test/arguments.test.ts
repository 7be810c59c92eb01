/** Wrong arguments of every public call. spec R35 */
import { SharedKeySource, createAccessKey, deriveRoomId, randomParticipantId } from '@conclave/e2ee'
import { type SessionKeys, createSessionKeys } from '@conclave/e2ee/session'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  HubTransport,
  Room,
  createRoomLink,
  createWakeSignals,
  isClientError,
} from '../src/index.ts'
import type { OpenedRoomLink, RoomOptions, RoomTarget } from '../src/index.ts'
import { TestMedia, TestTrack, localRoom, streamOf } from './support.ts'

let place: Awaited<ReturnType<typeof localRoom>>
let room: Room
let target: RoomTarget
let link: OpenedRoomLink
let session: SessionKeys

beforeAll(async () => {
  session = await createSessionKeys()
  place = await localRoom()
  link = place.link
  room = await place.join('Alice', { media: (context) => new TestMedia(context) })
  const access = await createAccessKey(new Uint8Array(32).fill(1))
  const id = await deriveRoomId(access.publicKey)
  const keys = new SharedKeySource(new Uint8Array(32).fill(1))
  target = { room: id, keys, access, hub: 'wss://hub.example/hub' }
})

afterAll(() => place.leave())

const SECRET = 'a secret of the application'
const notText = [null, 1, true, {}, [SECRET], Symbol('s'), () => SECRET]
const notObject = [null, 1, true, SECRET, Symbol('s')]
const notFunction = [null, 1, SECRET, {}, []]
const notSource = [undefined, null, 1, '', 'foo', 'CAMERA', {}, ['camera']]
const ended = (): TestTrack => Object.assign(new TestTrack('video'), { readyState: 'ended' })

const joinWith = (options: unknown): Promise<Room> => Room.join(link, options as RoomOptions)
const optionOf = (option: string) => (value: unknown) => joinWith({ media: false, [option]: value })
const partOf = (part: string) => (value: unknown) =>
  Room.join({ ...target, [part]: value } as RoomTarget, { media: false })
const transportOf = (option: string) => (value: unknown) =>
  new HubTransport({
    url: 'wss://hub.example/hub',
    room: target.room,
    session,
    access: link.access,
    [option]: value,
  })

type Row = readonly [
  call: string,
  argument: string,
  wrong: readonly unknown[],
  act: (value: unknown) => unknown,
]

const rows: readonly Row[] = [
  [
    'createRoomLink',
    'base',
    [undefined, ...notText, '', SECRET, '//', 'data:,x', 'file:///x'],
    (value) => createRoomLink(value as string),
  ],
  [
    'Room.join',
    'link',
    [undefined, null, 1, true, Symbol('s'), () => SECRET],
    (value) => Room.join(value as string),
  ],
  [
    'Room.join',
    'room',
    [{}, [], new URL('https://meet.example')],
    (value) => Room.join(value as never),
  ],
  ['Room.join', 'options', notObject, joinWith],
  ['Room.join', 'name', notText, optionOf('name')],
  ['Room.join', 'signal', [...notObject, {}, new AbortController()], optionOf('signal')],
  ['Room.join', 'onUnreachable', notFunction, optionOf('onUnreachable')],
  ['Room.join', 'hub', [...notText, 'http://[', 'ftp://x', 'data:,x'], optionOf('hub')],
  ['Room.join', 'media', [null, 1, SECRET, {}], optionOf('media')],
  [
    'Room.join',
    'media',
    notObject.map((made) => () => made),
    (media) =>
      Room.join(link, {
        media: media as never,
        transport: place.hub.transport.bind(place.hub),
      }),
  ],
  ['Room.join', 'transport', notFunction, optionOf('transport')],
  [
    'Room.join',
    'transport',
    [...notObject, {}, { on() {}, open() {} }].map((made) => () => made),
    optionOf('transport'),
  ],
  ['Room.join', 'wakeSignals', [...notObject, {}], optionOf('wakeSignals')],
  ['Room.join', 'clock', [...notObject, {}, { now: () => 1 }], optionOf('clock')],
  ['Room.join', 'iceServers', [...notObject, {}], optionOf('iceServers')],
  ['Room.join', 'createWorker', notFunction, optionOf('createWorker')],
  ['Room.join', 'room', [undefined, ...notText, '', SECRET], partOf('room')],
  ['Room.join', 'keys', [undefined, null, 1, SECRET, {}, { export() {}, on() {} }], partOf('keys')],
  [
    'Room.join',
    'keys',
    [{ export() {}, on() {}, epochEndingIn() {}, confirm() {} }].map((made) => () => made),
    partOf('keys'),
  ],
  ['Room.join', 'hub', [undefined, null, 1, {}, '', SECRET, 'ftp://x', 'https://['], partOf('hub')],
  [
    'Room.join',
    'access',
    [undefined, null, 1, {}, { sign() {} }, { sign() {}, publicKey: SECRET }],
    partOf('access'),
  ],
  [
    'new HubTransport',
    'options',
    [undefined, ...notObject],
    (value) => new HubTransport(value as never),
  ],
  ['new HubTransport', 'url', [undefined, ...notText, '', SECRET, 'https://x'], transportOf('url')],
  ['new HubTransport', 'room', [undefined, ...notText, '', SECRET], transportOf('room')],
  ['new HubTransport', 'session', [undefined, ...notText, '', SECRET], transportOf('session')],
  [
    'new HubTransport',
    'access',
    [undefined, ...notObject, {}, { sign() {} }],
    transportOf('access'),
  ],
  ['new HubTransport', 'clock', [...notObject, {}], transportOf('clock')],
  ['new HubTransport', 'wakeSignals', [...notObject, {}], transportOf('wakeSignals')],
  [
    'HubTransport.open',
    'signal',
    [...notObject, {}],
    (signal) => (transportOf('url')('wss://x') as HubTransport).open({ signal: signal as never }),
  ],
  [
    'createWakeSignals',
    'sources',
    [undefined, ...notObject],
    (value) => createWakeSignals(value as never),
  ],
  ...['window', 'document', 'clock'].map((source): Row => [
    'createWakeSignals',
    source,
    [...notObject, {}],
    (value) => createWakeSignals({ [source]: value }),
  ]),
  [
    'WakeSignals.subscribe',
    'wake',
    [undefined, ...notFunction],
    (value) => createWakeSignals({}).subscribe(value as never),
  ],
  [
    'room.on',
    'type',
    [undefined, null, 1, '', 'participant-joined', 'toString', ['chat'], {}],
    (type) => room.on(type as 'chat', () => {}),
  ],
  [
    'room.on',
    'handler',
    [undefined, ...notFunction],
    (handler) => room.on('chat', handler as never),
  ],
  [
    'room.subscribe',
    'listener',
    [undefined, ...notFunction],
    (value) => room.subscribe(value as never),
  ],
  [
    'room.publish',
    'stream',
    [
      ...[undefined, ...notObject, {}, new TestTrack('video'), streamOf(), streamOf(ended())],
      ...[streamOf(new TestTrack('audio'), ended()), streamOf({ kind: 'video' } as TestTrack)],
    ],
    (stream) => room.publish(stream as MediaStream),
  ],
  [
    'room.publish',
    'options',
    notObject,
    (options) => room.publish(streamOf(new TestTrack('video')), options as never),
  ],
  [
    'room.publish',
    'source',
    [...notSource.filter((source) => source !== undefined), 'microphone'],
    (source) => room.publish(streamOf(new TestTrack('video')), { source: source as 'camera' }),
  ],
  ['room.unpublish', 'source', notSource, (source) => room.unpublish(source as 'camera')],
  ['room.setEnabled', 'source', notSource, (source) => room.setEnabled(source as 'camera', true)],
  [
    'room.setEnabled',
    'enabled',
    [undefined, null, 0, 1, '', 'true', {}],
    (enabled) => room.setEnabled('camera', enabled as boolean),
  ],
  ['room.setName', 'name', [undefined, ...notText], (name) => room.setName(name as string)],
  [
    'chat.send',
    'text',
    [undefined, ...notText, '', 'x'.repeat(4001)],
    (text) => room.chat.send(text as string),
  ],
]

test.each(rows)(
  '[R35] %s names a wrong "%s", and changes nothing',
  async (_, argument, wrong, act) => {
    const { snapshot } = room
    for (const value of wrong) {
      const error: unknown = await failureOf(() => act(value))
      expect(error).toBeInstanceOf(TypeError)
      expect(error).toMatchObject({ code: 'ERR_CLIENT_ARGUMENT', details: { argument } })
      expect(isClientError(error)).toBe(true)
      expect(String(error)).toMatch(`"${argument}" expected`)
      expect(String(error)).not.toContain(SECRET)
    }
    expect(room.snapshot).toBe(snapshot)
  },
)

test('[R35] the keys of a participant are no key source of another session', async () => {
  const { ParticipantKeySource } = await import('@conclave/e2ee')
  const keys = new ParticipantKeySource(randomParticipantId())
  await expect(partOf('keys')(keys)).rejects.toMatchObject({ details: { argument: 'keys' } })
})

test('[R1, R35] a value that is no text is answered as no link', async () => {
  const { parseRoomLink } = await import('../src/index.ts')
  for (const value of [undefined, ...notText]) {
    expect(await parseRoomLink(value as string)).toEqual({ type: 'invalid', reason: 'not-a-room' })
  }
})

const failureOf = async (act: () => unknown): Promise<unknown> => {
  try {
    return await act()
  } catch (error) {
    return error
  }
}
