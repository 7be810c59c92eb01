/** Sealed drivers of tests, without a seal. */
import { namespaceKey } from '@conclave/p2p'
import type { Driver, SealedDriver, SealedHandler } from '@conclave/p2p'

/**
 * A driver that believes every `id`: what stands on the network can be read, repeated, reordered and made up by
 * the test, as a member of the room could.
 */
export function openDriver(driver: Driver, id: string): SealedDriver {
  const raws = new Map<SealedHandler, (message: unknown) => void>()
  return {
    sealed: true,
    id,
    on: (namespace, handler) => {
      const raw = (message: unknown): void => handler(message, (message as { id: string }).id)
      raws.set(handler, raw)
      return driver.on(namespace, raw)
    },
    off: async (namespace, handler) => {
      const raw = raws.get(handler)
      if (raw !== undefined) await driver.off(namespace, raw)
    },
    emit: (namespace, message) => driver.emit(namespace, message),
  }
}

/** A driver that believes every `id`, and delivers each message once and in the order of its sender, as spec S3 asks. */
export function numberedDriver(driver: Driver, id: string): SealedDriver {
  const open = openDriver(driver, id)
  const lastByStream = new Map<string, number>()
  const wrapped = new Map<SealedHandler, SealedHandler>()
  let last = 0
  return {
    ...open,
    on: (namespace, handler) => {
      const numbered: SealedHandler = (message, from) => {
        const { sequence = 0, ...rest } = Object(message) as { readonly sequence?: number }
        const stream = `${from} ${namespaceKey(namespace)}`
        if (from === id || sequence <= (lastByStream.get(stream) ?? 0)) return
        lastByStream.set(stream, sequence)
        handler(rest, from)
      }
      wrapped.set(handler, numbered)
      return open.on(namespace, numbered)
    },
    off: (namespace, handler) => open.off(namespace, wrapped.get(handler) ?? handler),
    emit: (namespace, message) =>
      open.emit(namespace, { ...Object(message), sequence: (last += 1) }),
  }
}
