/**
 * The tasks of a page's main thread, as a trace of Chromium has them.
 *
 * @module
 */

interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  readonly dur?: number
  /** CPU time of the thread, in microseconds: time in which it waits for a processor does not count. */
  readonly tdur?: number
  readonly args?: { readonly name?: string }
}

/** The CPU time of the longest task, and the part of the time in which tasks ran. */
export function longestTask(
  trace: Uint8Array | undefined,
  seconds: number,
): { readonly longestMs: number; readonly busyPercent: number } {
  const { traceEvents }: { traceEvents: readonly TraceEvent[] } = JSON.parse(
    new TextDecoder().decode(trace),
  )
  const threads = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  )
  const tasks = traceEvents
    .filter(({ name, ph, pid, tid }) => {
      return ph === 'X' && name.endsWith('RunTask') && threads.has(`${pid} ${tid}`)
    })
    .map(({ tdur, dur }) => tdur ?? dur ?? 0)
  if (tasks.length === 0) throw new Error('the trace has no task of a page')
  const [longest, sum] = [Math.max(...tasks), tasks.reduce((all, each) => all + each, 0)]
  return { longestMs: longest / 1000, busyPercent: sum / 1e4 / seconds }
}
