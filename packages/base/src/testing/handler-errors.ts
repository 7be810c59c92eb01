/**
 * Runs `action`, and returns the errors that handlers of an `Emitter` threw meanwhile, which would otherwise reach the
 * runtime as uncaught errors. Rejects with what `action` throws.
 */
export async function handlerErrorsIn(action: () => unknown): Promise<readonly unknown[]> {
  const errors: unknown[] = []
  const { queueMicrotask } = globalThis
  globalThis.queueMicrotask = (callback) => {
    queueMicrotask(() => {
      try {
        callback()
      } catch (error) {
        errors.push(error)
      }
    })
  }
  try {
    await action()
    // Behind everything that was queued in the action.
    await new Promise<void>((resolve) => queueMicrotask(resolve))
  } finally {
    globalThis.queueMicrotask = queueMicrotask
  }
  return errors
}
