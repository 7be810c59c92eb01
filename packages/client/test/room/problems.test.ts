import { VirtualClock } from '@conclave/base/testing'
import { P2pError } from '@conclave/p2p'
import { expect, test } from 'vitest'
import { ClientError } from '../../src/index.ts'
import type { Room, RoomProblem } from '../../src/index.ts'
import { problemFrom, problemOf } from '../../src/problem.ts'
import { ProblemReporter } from '../../src/room/problem-reporter.ts'
import { TestMedia, TestTrack, haveMet, localRoom, streamOf } from '../support.ts'

const refused = problemOf('ERR_CLIENT_MESSAGE_REFUSED')
const overflow = problemOf('ERR_CLIENT_OVERFLOW')

const reporter = () => {
  const clock = new VirtualClock()
  const heard: RoomProblem[] = []
  return { clock, heard, problems: new ProblemReporter(clock, (problem) => heard.push(problem)) }
}

test('[R32] a problem has a code, a reason and a fix, and nobody can change it', () => {
  expect(refused).toEqual({
    code: 'ERR_CLIENT_MESSAGE_REFUSED',
    reason: 'the hub refused a message for good',
    fix: 'send less, or raise the limits of the hub',
  })
  expect(Object.isFrozen(refused)).toBe(true)
})

test('[R32] nothing of an error but its code is used', () => {
  const secret = 'the secret of the application'
  const others = [new Error(secret), secret, undefined, { name: 'MediaError', code: secret }]
  for (const error of others) {
    expect(problemFrom(error, 'ERR_CLIENT_MEDIA')).toEqual(problemOf('ERR_CLIENT_MEDIA'))
  }
  const forged = Object.assign(new Error(secret), { name: 'MediaError', code: 'ERR_MEDIA_NO_KEY' })
  const { code, reason } = problemFrom(forged, 'ERR_CLIENT_MEDIA')
  expect([code, reason]).toEqual(['ERR_MEDIA_NO_KEY', 'no key to seal media with'])
})

test('[R32] the problem of a connection is that of its cause, if it has one', () => {
  const peer = 'bob'
  const cause = new ClientError('ERR_CLIENT_OVERFLOW', undefined)
  const emit = new P2pError('ERR_P2P_EMIT_FAILED', { peer }, { cause })
  expect(problemFrom(emit, 'ERR_CLIENT_MEDIA')).toEqual(overflow)
  const other = new P2pError('ERR_P2P_EMIT_FAILED', { peer }, { cause: new Error('x') })
  expect(problemFrom(other, 'ERR_CLIENT_MEDIA').code).toBe('ERR_P2P_EMIT_FAILED')
})

test('[R32] the same problem comes at most once in 10 s, another one at once', async () => {
  const { clock, heard, problems } = reporter()
  problems.listened()
  for (let times = 0; times < 3; times += 1) problems.report(refused)
  problems.report(overflow)
  expect(heard).toEqual([refused, overflow])
  clock.advance(9999)
  problems.report(refused)
  expect(heard).toHaveLength(2)
  clock.advance(1)
  problems.report(refused)
  expect(heard).toEqual([refused, overflow, refused])
})

test('[R32] 16 problems wait for the first handler, which hears them after the call that added it', async () => {
  const { heard, problems } = reporter()
  for (let number = 0; number < 20; number += 1) {
    problems.report({ ...refused, reason: `reason ${number}` })
  }
  problems.listened()
  expect(heard).toEqual([])
  await Promise.resolve()
  expect(heard.map(({ reason }) => reason)).toEqual(
    Array.from({ length: 16 }, (_, number) => `reason ${number}`),
  )
})

test('[R32] a room that joins with a problem tells it to the first handler', async () => {
  const place = await localRoom()
  const room = await place.join('Alice', {
    media: (context) => {
      const media = new TestMedia(context)
      media.resync = () => {
        throw new Error('broken')
      }
      return media
    },
  })
  const first = heardBy(room)
  const second = heardBy(room)
  await expect.poll(() => first).toEqual([problemOf('ERR_CLIENT_MEDIA')])
  expect(second).toEqual(first)
  await place.leave()
})

test('[R36] a published track that ends is off for others, and stays off until another is published', async () => {
  const place = await localRoom()
  const [alice, bob] = [await place.join('Alice'), await place.join('Bob')]
  const problems = heardBy(alice)
  const [track, other] = [new TestTrack('video'), new TestTrack('video')]
  const enabled = (): boolean | undefined => alice.self.tracks.get('camera')?.enabled
  await alice.publish(streamOf(track))
  expect(enabled()).toBe(true)
  track.end()
  expect(enabled()).toBe(false)
  expect(problems).toMatchObject([
    { code: 'ERR_CLIENT_TRACK_ENDED', reason: 'the published track of camera ended' },
  ])
  alice.setEnabled('camera', true)
  expect(enabled()).toBe(false)
  await alice.publish(streamOf(other))
  expect(enabled()).toBe(true)
  await alice.unpublish('camera')
  other.end()
  expect(problems).toHaveLength(1)
  await haveMet([alice, bob])
  await place.leave()
})

const heardBy = (room: Room): RoomProblem[] => {
  const problems: RoomProblem[] = []
  room.on('problem', (problem) => problems.push(problem))
  return problems
}
