/** Compiled, never run: TypeScript finds a misspelt option of every package, since at run time unknown ones are ignored. */
import type { sealBroadcastChannel } from '@conclave/adapters/broadcast-channel'
import type { sealChannel } from '@conclave/adapters'
import type { Room } from '@conclave/client'
import type { createSealer, openEvent, sealEvent } from '@conclave/e2ee'
import type { sealKey } from '@conclave/e2ee/exchange'
import type { sealFile } from '@conclave/e2ee/files'
import type { createPassphraseKeySource } from '@conclave/e2ee/passphrase'
import type { FrameCrypto } from '@conclave/media'
import type { Mesh } from '@conclave/p2p'
import type { createHub } from '@conclave/server'
import type { serve } from '@conclave/server/node'
import type { createVault } from '@conclave/vault'

type Options<F extends (...given: never[]) => unknown, At extends number> = Parameters<F>[At]
declare const options: {
  readonly join: Options<typeof Room.join, 1>
  readonly channel: Options<typeof sealChannel, 1>
  readonly broadcast: Options<typeof sealBroadcastChannel, 1>
  readonly event: Options<typeof sealEvent, 2>
  readonly opening: Options<typeof openEvent, 2>
  readonly sealer: Options<typeof createSealer, 0>
  readonly key: Options<typeof sealKey, 1>
  readonly file: Options<typeof sealFile, 1>
  readonly passphrase: Options<typeof createPassphraseKeySource, 1>
  readonly frames: ConstructorParameters<typeof FrameCrypto>[0]
  readonly mesh: ConstructorParameters<typeof Mesh>[0]
  readonly hub: Options<typeof createHub, 0>
  readonly serve: Options<typeof serve, 0>
  readonly vault: Options<typeof createVault, 0>
}

export const misspelt: Partial<typeof options>[] = [
  // @ts-expect-error -- onUnreachable
  { join: { onUnreachabel: () => {} } },
  // @ts-expect-error -- verifier
  { channel: { ...options.channel, verifer: undefined } },
  // @ts-expect-error -- replay
  { broadcast: { ...options.broadcast, replays: false } },
  // @ts-expect-error -- signer
  { event: { ...options.event, singer: undefined } },
  // @ts-expect-error -- replay
  { opening: { ...options.opening, replays: undefined } },
  // @ts-expect-error -- room
  { sealer: { ...options.sealer, rooom: '' } },
  // @ts-expect-error -- expiresAt
  { key: { ...options.key, expireAt: 0 } },
  // @ts-expect-error -- signal
  { file: { ...options.file, singal: undefined } },
  // @ts-expect-error -- kdf
  { passphrase: { ...options.passphrase, kfd: undefined } },
  // @ts-expect-error -- createWorker
  { frames: { ...options.frames, makeWorker: undefined } },
  // @ts-expect-error -- frames
  { mesh: { ...options.mesh, frame: undefined } },
  // @ts-expect-error -- limits
  { hub: { ...options.hub, limit: {} } },
  // @ts-expect-error -- trustedProxies
  { serve: { ...options.serve, trustProxy: 1 } },
  // @ts-expect-error -- recovery
  { vault: { ...options.vault, recover: undefined } },
]
