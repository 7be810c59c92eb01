/** Starts frame encryption in whatever page this is, and tells how it went. */
import { randomParticipantId, SharedKeySource } from '@conclave/e2ee'
import { isCryptoError } from '@conclave/crypto'
import { FrameCrypto, isMediaError } from '@conclave/media'
import { spawnInlineWorker } from '@conclave/media/inline-worker'
import { parseRoomId } from '@conclave/wire'
import type { PolicyPage } from '../../../../tools/policy-pages.ts'

/** The part of Trusted Types that an application needs. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(address: string): string },
  ): { createScriptURL(address: string): string }
}

/** The application's bundle of `@conclave/media/worker`. */
const OWN_WORKER = '/own-worker.js'

const page = globalThis as PolicyPage
const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }

/** As an application does it whose policy allows `trusted-types app`. */
const createWorker = (): Worker => {
  const policy = trustedTypes?.createPolicy('app', { createScriptURL: (address) => address })
  const address = policy?.createScriptURL(OWN_WORKER) ?? OWN_WORKER
  return new Worker(address, { type: 'module' })
}

/** By fragment of the address. */
const WORKERS: Readonly<Record<string, { createWorker: () => Worker }>> = {
  '#own-worker': { createWorker },
  '#inline': { createWorker: spawnInlineWorker },
}

try {
  const room = parseRoomId('AAECAwQFBgcICQoLDA0ODw')
  if (room === undefined) throw new Error('unreachable: a room id')
  const [self, keys] = [randomParticipantId(), new SharedKeySource(new Uint8Array(32).fill(1))]
  const crypto = new FrameCrypto({ keys, room, self, ...WORKERS[location.hash] })
  await crypto.ready
  await crypto.close()
  page.outcome = 'ready'
} catch (error) {
  const isCoded = isMediaError(error) || isCryptoError(error)
  const reason =
    isMediaError(error) && error.code === 'ERR_MEDIA_WORKER_START' ? error.details.reason : ''
  page.outcome = isCoded ? `${error.code} ${reason}: ${error.message}` : String(error)
}
