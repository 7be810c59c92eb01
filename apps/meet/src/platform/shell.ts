/**
 * Keeps the app for times when its server is away.
 *
 * @module
 */

/**
 * Starts the service worker of the app at `base`, or ends it where the build has none. Never rejects: without it, the
 * app does everything but open while the server is away.
 */
export async function keepApp(base: string): Promise<void> {
  const { serviceWorker } = navigator as { serviceWorker?: ServiceWorkerContainer }
  if (serviceWorker === undefined) return
  const url = new URL('service-worker.js', base)
  const old = await serviceWorker.getRegistration(base).catch(() => undefined)
  const registered = old?.scope === base ? old : undefined
  try {
    if (import.meta.env.PROD) {
      await (registered?.update() ?? serviceWorker.register(url, { scope: base }))
      return
    }
  } catch {}
  if (registered === undefined || (await isThere(url))) return
  await registered.unregister()
  for (const name of await caches.keys()) {
    if (name.startsWith(`conclave ${new URL(base).pathname} `)) await caches.delete(name)
  }
}

/** Whether the server has the script, or does not say. */
const isThere = async (url: URL): Promise<boolean> => {
  const answer = await fetch(url, { cache: 'no-store' }).catch(() => undefined)
  if (answer === undefined || answer.status >= 500) return true
  return answer.ok && /javascript/.test(answer.headers.get('Content-Type') ?? '')
}
