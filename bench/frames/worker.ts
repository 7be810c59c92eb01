/**
 * The measurement in a worker, where frames are sealed in a page too.
 *
 * @module
 */
import livekitScript from 'livekit-client/e2ee-worker?raw'
import { measureAll } from './measure.ts'

self.addEventListener('message', ({ data }) => {
  measureAll(data, livekitScript).then(
    (measured) => self.postMessage({ measured }),
    (error: Error) => self.postMessage({ error: String(error.stack) }),
  )
})
