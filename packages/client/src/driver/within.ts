/**
 * Bounded waiting.
 *
 * @module
 */
import type { Clock } from '@conclave/base'

/** The result of a task that begins now, or a rejection after so many milliseconds; the task itself goes on. */
export async function within<T>(
  task: () => Promise<T>,
  { clock, ms }: { readonly clock: Clock; readonly ms: number },
): Promise<T> {
  let timer: unknown
  const late = new Promise<never>((_, reject) => {
    timer = clock.setTimeout(() => reject(new Error('no answer in time')), ms)
  })
  try {
    return await Promise.race([task(), late])
  } finally {
    clock.clearTimeout(timer)
  }
}
