/**
 * Opens the app while its server is away: keeps the files of one build, and answers with them.
 *
 * It answers requests for the app's page and the build's files, and sees no others: WebSockets and media do not pass
 * a service worker. The page comes from the server whenever that answers, so an update arrives with the next visit;
 * a running call is never told to reload. A new worker waits until no page of the old one is left, so that an old
 * page keeps its files. Nothing but files of the build is stored: no address of a room, and no fragment.
 *
 * @module
 */
import type { BuildFile, ServiceWorkerScope } from './scope.ts'

/** The files of this build; the build writes them in place of the name. */
declare const __FILES__: readonly BuildFile[]

const scope = self as unknown as ServiceWorkerScope
const base = new URL('./', scope.location.href)
const files = __FILES__
/** Builds differ in their page, which names the other files by their content. */
const build = files.find(({ path }) => path === '')?.integrity ?? ''
const prefix = `conclave ${base.pathname} `

scope.addEventListener('install', (event) => event.waitUntil(keepBuild()))
scope.addEventListener('activate', (event) => event.waitUntil(takeOver()))
scope.addEventListener('fetch', (event) => {
  const answer = answerTo(event.request)
  if (answer !== undefined) event.respondWith(answer)
})

/** Keeps all files of the build or, when one of them is missing or is that of another build, none. */
const keepBuild = async (): Promise<void> => {
  const requests = files.map(({ path, integrity }) => {
    const cache = path.startsWith('assets/') ? 'default' : 'no-cache'
    return new Request(new URL(path, base), { cache, integrity })
  })
  const cache = await caches.open(prefix + build)
  await cache.addAll(requests)
}

/** No page of another build is left: drops its files. */
const takeOver = async (): Promise<void> => {
  for (const name of await caches.keys()) {
    if (name.startsWith(prefix) && name !== prefix + build) await caches.delete(name)
  }
  // The page that brought this worker keeps its files from now on.
  await scope.clients.claim()
}

/** `undefined` leaves a request to the browser. */
const answerTo = (request: Request): Promise<Response> | undefined => {
  const { href, pathname } = new URL(request.url)
  if (request.method !== 'GET' || !href.startsWith(base.href)) return undefined
  const path = pathname.slice(base.pathname.length)
  if (request.mode === 'navigate') {
    return /^(?:index\.html|r(?:\/.*)?)?$/.test(path) ? openPage(request) : undefined
  }
  if (path.startsWith('assets/')) return openAsset(request)
  const isOfBuild = files.some((file) => file.path === path)
  return isOfBuild ? askServer(request, () => findKept(request)) : undefined
}

const openPage = (request: Request): Promise<Response> =>
  askServer(request, async () => {
    const kept = await caches.match(base, { cacheName: prefix + build, ignoreVary: true })
    if (kept === undefined) return undefined
    const page = (await kept.text())
      .replace('<html', '<html data-server="away"')
      // The page names its files relative to the app's address, and stands at that of a room.
      .replaceAll('="./', `="${base.pathname}`)
    const headers = new Headers(kept.headers)
    for (const name of ['Content-Encoding', 'Content-Length', 'ETag']) headers.delete(name)
    return new Response(page, { headers })
  })

/** A file whose name has a hash of its content is the same in every build that has it. */
const openAsset = async (request: Request): Promise<Response> =>
  (await findKept(request)) ?? fetch(request)

const findKept = (request: Request): Promise<Response | undefined> =>
  caches.match(request, { ignoreVary: true })

/** The server's answer; the kept one when the server is away or stands still, or is away behind its proxy. */
const askServer = async (
  request: Request,
  findAnswer: () => Promise<Response | undefined>,
): Promise<Response> => {
  const asked = fetch(request)
  const answer = await new Promise<Response | undefined>((resolve) => {
    setTimeout(resolve, PATIENCE_MS)
    asked.then(resolve, () => resolve(undefined))
  })
  if (answer !== undefined && answer.status < 500) return answer
  return (await findAnswer()) ?? asked
}

/** After this long, people would give up. */
const PATIENCE_MS = 5000
