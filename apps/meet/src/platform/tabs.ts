/**
 * Words between the tabs of this browser.
 *
 * @module
 */
import type { TabPort, TabWord } from '../state/tab-port.ts'

/** Makes the port; the words stay in this browser. */
export function createTabPort(): TabPort {
  return {
    open(room, hear) {
      // oxlint-disable-next-line no-restricted-globals -- the platform's own file for it; it reaches only this browser
      const channel = new BroadcastChannel(`conclave.room.${room}`)
      channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        if (isWord(data)) hear(data)
      })
      return {
        say: (word) => channel.postMessage(word),
        close: () => channel.close(),
      }
    },
  }
}

const isWord = (data: unknown): data is TabWord =>
  data === 'who' || data === 'here' || data === 'gone' || data === 'take'
