/**
 * The imports and globals that each folder may use: the one table behind `.oxlintrc.json` and `tools/checks/imports.ts`. A folder without a
 * row gets {@link STRICTEST}, so a new package is held to every rule before anybody lists it; a row relaxes. After a change here run `npm run lint:config`.
 *
 * @module
 */

/** Names of the environment that are forbidden together, unless a row permits the group. */
export const GLOBALS = {
  clock: [
    'A2: no clock and no timer here; a Clock arrives as an argument.',
    'Date performance setTimeout clearTimeout setInterval clearInterval setImmediate clearImmediate ' +
      'requestAnimationFrame requestIdleCallback scheduler',
  ],
  network: [
    'A2: no input or output here; what connects or stores arrives as an argument.',
    'fetch XMLHttpRequest WebSocket WebSocketStream WebTransport EventSource BroadcastChannel ' +
      'MessageChannel Worker SharedWorker importScripts',
  ],
  storage: [
    'A2: no storage here; it belongs to vault and to apps.',
    'localStorage sessionStorage indexedDB caches cookieStore',
  ],
  process: [
    'A2: no process here; only the files that are made for Node know it.',
    'process Buffer require console Deno Bun',
  ],
  crypto: ['A4: no cryptography here; packages/crypto has it.', 'crypto'],
  page: [
    'A3: the page belongs to apps; no DOM here.',
    'document window self parent top frames alert confirm prompt history screen customElements navigator location HTMLElement Element Node',
  ],
  webrtc: [
    'A3: media and WebRTC live in media, p2p, client and apps.',
    'MediaStream MediaStreamTrack MediaRecorder AudioContext OffscreenCanvas VideoFrame AudioData ' +
      'RTCPeerConnection RTCRtpSender RTCRtpReceiver RTCRtpTransceiver RTCRtpScriptTransform RTCDataChannel ' +
      'RTCSessionDescription RTCIceCandidate RTCEncodedVideoFrame RTCEncodedAudioFrame RTCStatsReport',
  ],
} as const satisfies Readonly<Record<string, readonly [message: string, names: string]>>

/** Properties that are forbidden with a group, beside the names of {@link GLOBALS}. */
export const PROPERTIES = {
  always: [['Math', 'random', 'Randomness comes from WebCrypto.']],
  clock: [['AbortSignal', 'timeout', GLOBALS.clock[0]]],
  subtle: [['crypto', 'subtle', GLOBALS.crypto[0]]],
} as const

/** Classes that `instanceof` must not ask for, beside the language's own: another realm and another copy have their own. K42 */
export const CLASSES =
  'Blob CryptoKey DOMException AbortSignal ReadableStream CodedError AdapterError ClientError CryptoError E2eeError ' +
  'MediaError P2pError RecordingError ServerClientError ServerError VaultError'

/** Something that a row permits: a group of names; `subtle`, the keys and ciphers of WebCrypto beside its random numbers; Node's modules; `retry`, with growing pauses. */
export type Permission = keyof typeof GLOBALS | 'subtle' | 'node' | 'retry'

/** Imports and permissions of the files of a folder. */
export interface Row {
  /** Our packages: `name` with all its entries, or only `name/entry`; a file's row replaces its package's. */
  readonly imports?: readonly string[]
  /** Permissions; a file's row adds to its package's. */
  readonly may?: readonly Permission[]
  /** Folders and files of the same package that these files never import. */
  readonly never?: readonly string[]
  /** Rows for globs below `src`; where several match, only the last one holds. */
  readonly files?: Readonly<Record<string, Row>>
}

/** The row of every folder of `packages` and `apps` that is not listed. */
export const STRICTEST: Row = { imports: ['base'] }

/** The rows. Arrows point down only: DESIGN section 3. */
export const ROWS: Readonly<Record<string, Row>> = {
  'packages/base': {
    imports: [],
    files: { 'clock.ts': { may: ['clock'] }, 'worker-*.ts': { may: ['network', 'page'] } },
  },
  'packages/crypto': {
    never: ['node', 'web'],
    files: {
      'web-crypto.ts': { may: ['crypto', 'subtle'] },
      // One of the two is `#platform` in a runtime.
      'web/**': { never: ['node'] },
      'node/**': { never: [], may: ['node'] },
    },
  },
  'packages/wire': {},
  'packages/e2ee': {
    imports: ['base', 'crypto', 'wire'],
    // A page stays free while a worker stretches a passphrase.
    files: { '{passphrase/choose,passphrase}-worker.ts': { may: ['network', 'page'] } },
  },
  'packages/vault': {
    imports: ['base', 'crypto', 'wire', 'e2ee'],
    files: {
      'slots/passkey-client.ts': { may: ['page'] },
      'storage/indexeddb-storage.ts': { may: ['storage'] },
      'storage/node.ts': { may: ['node'] },
    },
  },
  'packages/adapters': {
    imports: ['base', 'e2ee'],
    // It plays a server, which never holds keys.
    files: { 'testing/**': { imports: ['base'], may: ['node', 'process'] } },
  },
  'packages/media': {
    imports: ['base', 'crypto', 'wire', 'e2ee'],
    files: {
      'page/**': { never: ['worker', 'index.ts'], may: ['webrtc', 'network'] },
      'worker/**': { never: ['page', 'index.ts'] },
      '{shared,sframe,codec}/**': { never: ['page', 'worker', 'testing', 'index.ts'] },
      'worker/worker.ts': { never: ['page', 'index.ts'], may: ['clock', 'page'] },
      'livekit/page/**': { never: ['worker', 'index.ts'], may: ['network'] },
      'livekit/format/**': { never: ['page', 'livekit/page', 'livekit/index.ts', 'index.ts'] },
      'livekit/worker.ts': { never: ['page', 'livekit/page', 'index.ts'], may: ['clock', 'page'] },
      'testing/**': { may: ['clock', 'page', 'network'] },
    },
  },
  'packages/p2p': {
    may: ['crypto', 'webrtc'],
    never: ['plain'],
    files: {
      'plain/**': { never: [] },
      'drivers/**': { may: ['network'] },
      'recovery/**': { may: ['retry'] },
      'testing/**': { may: ['clock'] },
    },
  },
  'packages/driver-nats': {
    imports: ['base', 'wire', 'e2ee/passphrase', 'e2ee/session', 'p2p'],
    files: { 'connect/**': { may: ['node'] } },
  },
  'packages/client': {
    imports: ['base', 'crypto/verify', 'wire', 'e2ee', 'adapters', 'media', 'p2p'],
    never: ['compat'],
    files: {
      'compat/**': { never: [], may: ['page'] },
      'hub/**': { may: ['network', 'retry'] },
      'channels/**': { imports: ['base', 'wire', 'e2ee', 'adapters'], may: ['retry'] },
      // A hello is repeated end to end; whatever is beneath a new worker and new connections ends with them.
      '{driver/**/*,messages/hello-exch*,call/restarts,data/reliable-link}.ts': { may: ['retry'] },
      // Sleep shows in the time of day only, and the signs of a page are the page's.
      'hub/wake-signals.ts': { may: ['clock', 'page'] },
      'room/support.ts': { may: ['crypto', 'subtle'] },
      'files/disk-sink.ts': { may: ['page'] },
      'persons/person-storage.ts': { may: ['storage'] },
    },
  },
  'packages/recording': { imports: ['base', 'wire', 'e2ee', 'client'], may: ['page', 'webrtc'] },
  'packages/testing': {
    imports: ['base', 'wire', 'p2p', 'client'],
    may: ['page', 'webrtc', 'clock'],
  },
  'packages/server': {
    imports: ['base', 'wire', 'crypto/verify'],
    never: ['testing'],
    files: {
      'node/**': { may: ['node', 'process', 'clock'] },
      'webhooks/**': { may: ['retry'] },
      // It plays clients, which prove that they hold a room's key.
      'testing/**': { imports: ['base', 'wire', 'crypto'], never: [] },
    },
  },
  'packages/server-client': {
    imports: ['base', 'wire', 'crypto/errors', 'crypto/verify'],
    may: ['network', 'retry', 'crypto', 'subtle'],
  },
  'apps/meet': {
    imports: ['base', 'client'],
    files: {
      'ui/**': { may: ['page', 'webrtc'] },
      'platform/**': { may: ['page', 'webrtc', 'clock'] },
      'platform/owners.ts': { may: ['page', 'storage'] },
      'platform/shell.ts': { may: ['page', 'network', 'storage'] },
      'service-worker/**': { may: ['page', 'clock', 'network', 'storage'] },
      'main.tsx': { may: ['page'] },
    },
  },
}
