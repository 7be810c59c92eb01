/** Each lower layer broken in turn. spec R33 */
import { SharedKeySource, createAccessKey, deriveRoomId, randomParticipantId } from '@conclave/e2ee'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { MediaStats } from '@conclave/media'
import type { ParticipantId } from '@conclave/wire'
import {
  type ProblemCode,
  Room,
  type RoomOptions,
  type RoomProblem,
  isClientError,
} from '../../src/index.ts'
import { problemOf } from '../../src/problem.ts'
import { LocalHub, type LocalTransport } from '../../src/testing/index.ts'
import { TestMedia, TestTrack, streamOf } from '../support.ts'

const SECRET = 'secret of the application'
const fail = (): never => {
  throw new Error(SECRET)
}
const reject = async (): Promise<never> => fail()

/** A session whose layers a test breaks, and another that is sound. */
interface Scene {
  readonly alice: Room
  readonly bob: Room
  readonly keys: SharedKeySource
  readonly transport: LocalTransport
  readonly media: TestMedia
}

const unhandled: unknown[] = []
const note = (reason: unknown): void => void unhandled.push(reason)
let hub: LocalHub
let keys: SharedKeySource
let room: Awaited<ReturnType<typeof deriveRoomId>>

beforeEach(async () => {
  unhandled.length = 0
  process.on('unhandledRejection', note)
  process.on('uncaughtException', note)
  hub = new LocalHub({ atOnce: true })
  keys = new SharedKeySource(new Uint8Array(32).fill(1))
  const { publicKey } = await createAccessKey(crypto.getRandomValues(new Uint8Array(32)))
  room = await deriveRoomId(publicKey)
})

afterEach(() => {
  process.off('unhandledRejection', note)
  process.off('uncaughtException', note)
})

const join = (source: SharedKeySource, options: RoomOptions): Promise<Room> =>
  Room.join(
    { room, keys: source, hub: (self) => hub.transport(self) },
    { media: false, ...options },
  )

const scene = async (): Promise<Scene> => {
  let transport: LocalTransport | undefined
  let media: TestMedia | undefined
  const alice = await join(keys, {
    transport: (self) => (transport = hub.transport(self)),
    media: (context) => (media = new TestMedia(context)),
  })
  const bob = await join(new SharedKeySource(new Uint8Array(32).fill(1)), {})
  await expect.poll(() => [alice.participants.size, bob.participants.size]).toEqual([1, 1])
  if (transport === undefined || media === undefined) throw new Error('expected both')
  return { alice, bob, keys, transport, media }
}

const camera = (): MediaStream => streamOf(new TestTrack('video'))

const faults: readonly (readonly [
  name: string,
  code: ProblemCode,
  act: (scene: Scene) => unknown,
])[] = [
  [
    'the transport throws when something is said',
    'ERR_CLIENT_MESSAGE_FAILED',
    ({ alice, transport }) => {
      transport.publish = fail
      alice.setName('Alma')
    },
  ],
  [
    'the transport has no space',
    'ERR_CLIENT_OVERFLOW',
    ({ alice, transport }) => {
      transport.canPublish = () => false
      alice.setName('Alma')
    },
  ],
  [
    'the transport throws when messages are repeated',
    'ERR_CLIENT_MESSAGE_FAILED',
    async ({ alice, transport }) => {
      const { publish } = transport
      transport.publish = (message) =>
        message.isRepetition === true ? fail() : publish.call(transport, message)
      hub.rule = () => {}
      await alice.chat.send('lost on its way')
      await settle()
      hub.rule = undefined
      await alice.chat.send('shows the gap')
    },
  ],
  [
    'the hub refuses a message for good',
    'ERR_CLIENT_MESSAGE_REFUSED',
    ({ transport }) => transport.tell('refused', { id: randomParticipantId() as never }),
  ],
  [
    'the transport reports a problem',
    'ERR_CLIENT_ACCESS',
    ({ transport }) => transport.tell('problem', problemOf('ERR_CLIENT_ACCESS')),
  ],
  [
    'the hub names more participants than are remembered',
    'ERR_CLIENT_ROSTER_FULL',
    ({ transport }) => {
      for (let count = 0; count < 1024; count += 1) {
        transport.tell('participantJoined', { participant: randomParticipantId() })
      }
    },
  ],
  [
    'the key source throws when something is sealed',
    'ERR_CLIENT_MESSAGE_FAILED',
    ({ alice, media }) => {
      media.context.keys.sealingKey = fail
      alice.setName('Alma')
    },
  ],
  [
    'the key source throws when something is opened',
    'ERR_CLIENT_MESSAGE_FAILED',
    ({ bob, media }) => {
      media.context.keys.openingKey = fail
      bob.setName('Bert')
    },
  ],
  [
    'the key source was closed',
    'ERR_CLIENT_MESSAGE_FAILED',
    ({ alice, keys: source }) => {
      source.close()
      alice.setName('Alma')
      alice.setEnabled('camera', true)
    },
  ],
  [
    'the media transport takes no track',
    'ERR_CLIENT_MEDIA',
    async ({ alice, media }) => {
      media.setTrack = fail
      await alice.publish(camera())
    },
  ],
  [
    'the media transport ends no track',
    'ERR_CLIENT_MEDIA',
    async ({ alice, media }) => {
      await alice.publish(camera())
      media.setTrack = fail
      alice.setEnabled('camera', false)
      await alice.unpublish('camera')
    },
  ],
  [
    'the media transport takes no participant',
    'ERR_CLIENT_MEDIA',
    async ({ media }) => {
      media.addParticipant = fail
      await join(new SharedKeySource(new Uint8Array(32).fill(1)), {})
    },
  ],
  [
    'the media transport lets no participant go',
    'ERR_CLIENT_MEDIA',
    async ({ bob, media }) => {
      media.removeParticipant = fail
      await bob.leave()
    },
  ],
  [
    'the media transport does not come back',
    'ERR_CLIENT_MEDIA',
    ({ media, transport }) => {
      media.resync = fail
      transport.lose()
      hub.connect(transport)
    },
  ],
  [
    'the media transport reports a problem',
    'ERR_CLIENT_CLEARTEXT_RISK',
    ({ media }) => media.emit('problem', problemOf('ERR_CLIENT_CLEARTEXT_RISK')),
  ],
  [
    'a published track ends',
    'ERR_CLIENT_TRACK_ENDED',
    async ({ alice }) => {
      const track = new TestTrack('audio')
      await alice.publish(streamOf(track))
      track.end()
    },
  ],
]

test.each(faults)('[R33] %s: %s, once, and the room ends', async (_, code, act) => {
  const broken = await scene()
  const problems: RoomProblem[] = []
  broken.alice.on('problem', (problem) => problems.push(problem))
  await act(broken)
  await expect.poll(() => problems.map((problem) => problem.code)).toEqual([code])
  await expectsToEnd(broken)
  expect(problems).toHaveLength(1)
  expect(JSON.stringify(problems)).not.toContain(SECRET)
})

const ends: readonly (readonly [name: string, act: (scene: Scene) => void])[] = [
  ['transport', ({ transport }) => void (transport.close = fail)],
  ['media transport', ({ media }) => void (media.close = reject)],
]

test.each(ends)('[R33] a %s that does not end is a problem, and the room ends', async (_, act) => {
  const broken = await scene()
  const problems: RoomProblem[] = []
  broken.alice.on('problem', (problem) => problems.push(problem))
  act(broken)
  await expectsToEnd(broken)
  expect(problems).toEqual([problemOf('ERR_CLIENT_MEDIA')])
})

const joins: readonly (readonly [name: string, options: RoomOptions])[] = [
  ['no transport is made', { transport: fail }],
  ['no media transport is made', { media: fail }],
  [
    'the transport does not open',
    { transport: (self) => Object.assign(hub.transport(self), { open: reject }) },
  ],
  [
    'the transport takes no listener',
    { transport: (self) => Object.assign(hub.transport(self), { on: fail }) },
  ],
]

test.each(joins)('[R33] a join rejects when %s', async (_, options) => {
  await expect(join(keys, options)).rejects.toThrow(SECRET)
  await settle()
  expect(unhandled).toEqual([])
})

test('[R33] a join without the features of calls names each of them in its text', async () => {
  const target = { room, keys, hub: (self: ParticipantId) => hub.transport(self) }
  const joining: Promise<unknown> = Room.join(target)
  const error = await joining.catch((thrown: unknown) => thrown)
  if (!isClientError(error) || error.code !== 'ERR_CLIENT_UNSUPPORTED') throw error
  expect(error.details.missing).toContain('webrtc')
  for (const missing of error.details.missing) expect(error.message).toContain(missing)
})

test('[R33] a message that the key source cannot seal rejects, and is removed', async () => {
  const { alice, ...others } = await scene()
  others.media.context.keys.sealingKey = fail
  await expect(alice.chat.send('hello')).rejects.toThrow(SECRET)
  expect(alice.chat.messages).toEqual([])
  await expectsToEnd({ alice, ...others })
})

test('[R33] a media transport without figures leaves those of messages', async () => {
  const broken = await scene()
  broken.media.stats = async (): Promise<MediaStats> => fail()
  expect(await broken.alice.stats()).toEqual({ dropped: {}, media: undefined })
  await expectsToEnd(broken)
})

const expectsToEnd = async ({ alice, bob }: Scene): Promise<void> => {
  await alice.leave()
  expect(await alice.closed).toEqual({ reason: 'left' })
  expect(alice.state).toBe('left')
  await bob.leave()
  await settle()
  expect(unhandled).toEqual([])
}

/** Unhandled rejections are reported when a task has ended. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
