/** A part that is being sealed or opened: a chunk, the header or a row of the index. */
export interface Step {
  readonly output: Promise<Uint8Array<ArrayBuffer>>
  /** How many bytes of content are done when this part is; left out for a part after the content. */
  readonly done?: number
}

/** How far sealing or opening is. spec F14 */
export interface FileProgress {
  /** Bytes of content so far. */
  readonly bytes: number
  /** Bytes of content in all; `undefined` until it is known. */
  readonly total: number | undefined
}

/** Options of everything that takes long. */
export interface FileStreamOptions {
  /** Aborts: the stream fails with the signal's reason. spec F13 */
  readonly signal?: AbortSignal
  /** Called after each chunk. Must not throw: the stream fails with what it throws. */
  readonly onProgress?: (progress: FileProgress) => void
}

/**
 * Bound of the chunks that are begun and not yet read: enough to keep the engine's threads busy while the consumer is.
 * spec F12
 */
export const MAX_CHUNKS_AHEAD = 4

/**
 * Streams the outputs of the steps in their order. A step begins when there is room for its output: never more than
 * {@link MAX_CHUNKS_AHEAD} are ahead of the consumer, and only that bounds the memory. `stop` ends the source of the
 * steps.
 */
export function streamInOrder(
  steps: AsyncGenerator<Step, void, void>,
  options: FileStreamOptions & {
    readonly total: () => number | undefined
    readonly stop: (reason: unknown) => void
  },
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { signal, onProgress, total, stop } = options
  const ahead: Promise<SettledStep | undefined>[] = []
  let onAbort = (): void => {}
  const end = (): void => signal?.removeEventListener('abort', onAbort)
  const fail = (reason: unknown): void => {
    end()
    stop(reason)
    ahead.length = 0
  }
  // A generator takes the calls of `next` one after the other, so that steps begin in order.
  const begin = (): Promise<SettledStep | undefined> => {
    const settled = steps.next().then(settleStep)
    // The reader of the stream gets the failure; no one awaits the steps after it.
    settled.catch(() => {})
    return settled
  }
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start: (controller) => {
        onAbort = (): void => {
          fail(signal?.reason)
          controller.error(signal?.reason)
        }
        if (signal?.aborted === true) onAbort()
        else signal?.addEventListener('abort', onAbort)
      },
      pull: async (controller) => {
        try {
          // A chunk of nothing but padding gives no output.
          for (let isEmpty = true; isEmpty;) {
            while (ahead.length < MAX_CHUNKS_AHEAD) ahead.push(begin())
            const settled = await ahead.shift()
            if (signal?.aborted === true) return
            if (settled === undefined) {
              end()
              controller.close()
              return
            }
            isEmpty = settled.output.length === 0
            if (!isEmpty) controller.enqueue(settled.output)
            if (settled.done !== undefined) onProgress?.({ bytes: settled.done, total: total() })
          }
        } catch (error) {
          fail(error)
          throw error
        }
      },
      cancel: (reason) => fail(reason),
    },
    { highWaterMark: 0 },
  )
}

interface SettledStep {
  readonly output: Uint8Array<ArrayBuffer>
  readonly done: number | undefined
}

async function settleStep(result: IteratorResult<Step, void>): Promise<SettledStep | undefined> {
  if (result.done === true) return undefined
  return { output: await result.value.output, done: result.value.done }
}
