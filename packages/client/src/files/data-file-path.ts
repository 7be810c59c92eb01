import type { ParticipantId } from '@conclave/wire'
import type { DataPath } from '../data/data-path.ts'
import type { FilePath } from './file-path.ts'

/** Frames of files over the data of a room. What is sent to somebody who does not take data yet waits until it does. */
export function dataFilePath(data: DataPath): FilePath {
  const opening = new Map<ParticipantId, Promise<void>>()
  const opened = (participant: ParticipantId): Promise<void> => {
    const known = opening.get(participant)
    if (known !== undefined) return known
    const made = new Promise<void>((resolve) => {
      const stop = data.on('opened', (event) => {
        if (event.participant !== participant) return
        stop()
        opening.delete(participant)
        resolve()
      })
    })
    opening.set(participant, made)
    return made
  }
  return {
    on(type, handler) {
      const heard = handler as (event: object) => void
      if (type === 'bytes') return data.on('file', heard)
      return data.on('changed', heard)
    },
    async send(to, bytes) {
      if (!data.participants.includes(to)) await opened(to)
      await data.send(to, 'file', bytes)
    },
  }
}
