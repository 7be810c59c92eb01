import { describe, expect, test } from 'vitest'
import type { MediaError, WorkerEntry } from '@conclave/media'
import { WorkerLink } from '../../src/page/worker-link.ts'
import type { WorkerNotice } from '../../src/page/worker-link.ts'
import type { ToWorker } from '../../src/shared/protocol.ts'
import { WorkerStart } from '@conclave/base'
import { VirtualClock } from '@conclave/base/testing'
import { settle } from '../support/settle.ts'

class FakeWorker extends EventTarget {
  readonly received: ToWorker[] = []
  isTerminated = false

  postMessage(message: ToWorker): void {
    this.received.push(message)
  }

  terminate(): void {
    this.isTerminated = true
  }

  say(data: unknown): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data }))
  }
}

const scene = (entry: WorkerEntry = '@conclave/media/worker') => {
  const worker = new FakeWorker()
  const clock = new VirtualClock(0)
  const notices: WorkerNotice[] = []
  const failures: MediaError[] = []
  const link = new WorkerLink(new WorkerStart(() => worker as unknown as Worker), {
    clock,
    entry,
    onNotice: (notice) => notices.push(notice),
    onFailure: (error) => failures.push(error),
  })
  return { worker, clock, notices, failures, link }
}

const started = async () => {
  const scenery = scene()
  const start = scenery.link.start(4)
  scenery.worker.say({ type: 'reply', number: 1, value: { version: 1 } })
  await start
  return scenery
}

describe('start', () => {
  test('[M20] the worker answers with its version', async () => {
    const { clock, worker } = await started()
    expect(worker.received[0]).toMatchObject({ request: { type: 'start', version: 1, suite: 4 } })
    expect(clock.pending).toBe(0)
  })

  test.each<WorkerEntry>(['@conclave/media/worker', '@conclave/media/livekit/worker'])(
    '[M20, M43] without an answer in 10 s it has not started, and the error says what to do with %s',
    async (entry) => {
      const { link, clock, worker, failures } = scene(entry)
      const start = link.start(4)
      clock.advance(9_999)
      expect(worker.isTerminated).toBe(false)
      clock.advance(1)
      await expect(start).rejects.toMatchObject({
        code: 'ERR_MEDIA_WORKER_START',
        details: { reason: 'silent', entry },
        message: expect.stringContaining(` ${entry} `),
      })
      expect(worker.isTerminated).toBe(true)
      expect(failures).toHaveLength(1)
    },
  )

  test('[M20] a script that cannot be loaded is the same', async () => {
    const { link, worker, clock } = scene()
    const start = link.start(4)
    worker.dispatchEvent(new Event('error'))
    const error = { code: 'ERR_MEDIA_WORKER_START', details: { reason: 'not-found' } }
    await expect(start).rejects.toMatchObject(error)
    expect(clock.pending).toBe(0)
  })

  test('[M20] a worker of another version is refused', async () => {
    const { link, worker } = scene()
    const start = link.start(4)
    worker.say({ type: 'reply', number: 1, value: { version: 2 } })
    await expect(start).rejects.toMatchObject({ details: { reason: 'other-version' } })
  })

  test('[M43] a worker that could not be made is a failure, told once the caller listens', async () => {
    const failures: MediaError[] = []
    const refuse = (): Worker => {
      throw new DOMException('not from here', 'SecurityError')
    }
    const clock = new VirtualClock(0)
    const link = new WorkerLink(new WorkerStart(refuse), {
      clock,
      entry: '@conclave/media/worker',
      onNotice: () => {},
      onFailure: (error) => failures.push(error),
    })
    expect(failures).toEqual([])
    await expect(link.start(4)).rejects.toMatchObject({ details: { reason: 'other-origin' } })
    clock.advance(0)
    expect(failures).toEqual([link.failure])
    link.command({ type: 'epoch-changed' })
    link.close()
    expect(failures).toHaveLength(1)
  })
})

describe('failure', () => {
  test('[M21] an error in the worker ends it: it is reported once, and pending requests reject', async () => {
    const { link, worker, failures } = await started()
    const pending = link.request({ type: 'read-counters' })
    worker.dispatchEvent(new Event('error'))
    worker.dispatchEvent(new Event('messageerror'))
    await expect(pending).rejects.toMatchObject({ code: 'ERR_MEDIA_WORKER_FAILED' })
    expect(failures.map(({ code }) => code)).toEqual(['ERR_MEDIA_WORKER_FAILED'])
    await expect(link.request({ type: 'read-counters' })).rejects.toBe(failures[0])
  })

  test('[M21] an ended worker gets no messages, and its messages are ignored', async () => {
    const { link, worker, notices, failures } = await started()
    link.close()
    link.command({ type: 'drop-sender-key', kid: 1n })
    worker.say({ type: 'attached', pipe: 1 })
    worker.dispatchEvent(new Event('error'))
    expect(worker.received).toHaveLength(1)
    expect(notices).toEqual([])
    expect(failures).toEqual([])
    await expect(link.request({ type: 'read-counters' })).rejects.toMatchObject({
      code: 'ERR_MEDIA_CLOSED',
    })
  })

  test('[M16] a failed request names itself and gives no detail', async () => {
    const { link, worker } = await started()
    const pending = link.request({ type: 'make-kid', epoch: 1n })
    worker.say({ type: 'failed', number: 2, message: 'make-kid has failed' })
    await expect(pending).rejects.toThrow('media worker: make-kid has failed')
  })

  test('[M21] requests without an answer are bounded', async () => {
    const { link } = await started()
    const all = Array.from({ length: 1025 }, () => link.request({ type: 'read-counters' }))
    for (const one of all) one.catch(() => {})
    await settle()
    await expect(all.at(-1)).rejects.toMatchObject({ code: 'ERR_MEDIA_WORKER_FAILED' })
  })
})
