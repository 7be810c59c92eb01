/**
 * A real hub in a child process.
 *
 * @module
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RoomOptions } from '@conclave/client'
import type { HubFigures } from './hub-process.ts'
import { type Cost, type Place, costBetween } from './place.ts'

/** A place in real time. */
export class HubPlace implements Place {
  readonly base: string
  readonly options: RoomOptions
  readonly #process: ChildProcess

  private constructor(child: ChildProcess, port: number) {
    this.base = `http://127.0.0.1:${port}/`
    this.options = { hub: `${this.base}hub` }
    this.#process = child
  }

  static async start(): Promise<HubPlace> {
    const child = fork(join(import.meta.dirname, 'hub-process.ts'))
    const [port] = await once(child, 'message')
    return new HubPlace(child, port)
  }

  now(): number {
    return performance.now()
  }

  async measure(): Promise<() => Promise<Cost>> {
    const before = await this.#look()
    return async () => {
      const after = await this.#look()
      return { ...costBetween(before, after), ...publishedBetween(before, after) }
    }
  }

  async quiet(ms: number): Promise<void> {
    for (let before = -1; ; await sleep(ms)) {
      const { delivered } = await this.#figures()
      if (delivered === before) return
      before = delivered
    }
  }

  stop(): void {
    this.#process.disconnect()
  }

  async #look(): Promise<Look> {
    const { cpuMs: hubCpuMs, ...figures } = await this.#figures()
    const { user, system } = process.cpuUsage()
    return { ...figures, hubCpuMs, memberCpuMs: (user + system) / 1000 }
  }

  async #figures(): Promise<HubFigures> {
    const answer = once(this.#process, 'message')
    this.#process.send('figures')
    const [figures] = await answer
    return figures
  }
}

type Look = Omit<HubFigures, 'cpuMs'> & Pick<Cost, 'hubCpuMs' | 'memberCpuMs'>

const publishedBetween = (
  before: Look,
  after: Look,
): Pick<Cost, 'messages' | 'bytes' | 'kinds'> => {
  const counts = Object.entries(after.published).map(([kind, { messages, bytes }]) => {
    const earlier = before.published[kind] ?? { messages: 0, bytes: 0 }
    return { kind, messages: messages - earlier.messages, bytes: bytes - earlier.bytes }
  })
  return {
    messages: counts.reduce((sum, { messages }) => sum + messages, 0),
    bytes: counts.reduce((sum, { bytes }) => sum + bytes, 0),
    kinds: Object.fromEntries(counts.map(({ kind, messages }) => [kind, messages])),
  }
}
