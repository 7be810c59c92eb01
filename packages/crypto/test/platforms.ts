/** The implementations that this runtime has, by name: WebCrypto everywhere, and Node's own in Node. */
import * as aesGcm from '../src/web/aes-gcm.ts'
import * as digest from '../src/web/digest.ts'
import * as hkdf from '../src/web/hkdf.ts'

/** The functions of `#platform`. */
export interface Platform
  extends
    Pick<typeof aesGcm, 'importAesGcmKey' | 'encryptAesGcm' | 'decryptAesGcm'>,
    Readonly<typeof digest>,
    Readonly<typeof hkdf> {}

const web: Platform = { ...aesGcm, ...digest, ...hkdf }

const isNode = 'process' in globalThis

/** With calls that answer at once as ones that answer later, for tests of what they throw. */
const rejecting = (platform: Platform): Platform => ({
  ...platform,
  encryptAesGcm: async (...given) => platform.encryptAesGcm(...given),
})

async function nodePlatform(): Promise<Platform> {
  const [one, two, three] = await Promise.all([
    import('../src/node/aes-gcm.ts'),
    import('../src/node/digest.ts'),
    import('../src/node/hkdf.ts'),
  ])
  return rejecting({ ...one, ...two, ...three })
}

/** For `describe.each`. */
export const PLATFORMS: readonly (readonly [name: string, platform: Platform])[] = [
  ['WebCrypto', web],
  ...(isNode ? [['node:crypto', await nodePlatform()] as const] : []),
]
