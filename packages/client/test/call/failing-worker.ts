/** The worker that encrypts frames, with a way for tests to make it fail. */
import '@conclave/media/worker'

self.addEventListener('message', ({ data }: MessageEvent<{ type?: string; forMs?: number }>) => {
  if (data.type === 'crash') throw new Error('an invariant broke, on purpose')
  if (data.type !== 'hang') return
  const endMs = performance.now() + (data.forMs ?? Infinity)
  while (performance.now() < endMs);
})
