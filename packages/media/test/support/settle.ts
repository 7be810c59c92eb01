/**
 * Waits until all pending work is done, without a clock.
 */

/** Lets everything that waits for promises, streams or WebCrypto come to rest; takes no time by the clock. */
export async function settle(): Promise<void> {
  for (let quiet = 0; quiet < 8; quiet = running === 0 ? quiet + 1 : 0) {
    await new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => {
        port1.close()
        resolve()
      }
      port2.postMessage(undefined)
    })
  }
}

/** Operations of WebCrypto under way: they run on other threads, so that turns of the event loop do not bound them. */
let running = 0

for (const name of [
  'encrypt',
  'decrypt',
  'deriveKey',
  'deriveBits',
  'importKey',
  'digest',
  'sign',
  'verify',
  'generateKey',
  'exportKey',
] as const) {
  const original = SubtleCrypto.prototype[name] as (...parameters: unknown[]) => Promise<unknown>
  const counted = function (this: SubtleCrypto, ...parameters: unknown[]): Promise<unknown> {
    running += 1
    return original.apply(this, parameters).finally(() => {
      running -= 1
    })
  }
  Object.defineProperty(SubtleCrypto.prototype, name, { value: counted, configurable: true })
}
