import { decodeBase64Url, decodeText, isRecord } from '@conclave/base'
import { compactVerify } from 'jose/jws/compact/verify'
import { importJWK } from 'jose/key/import'
import type { AccessAlgorithm, App } from './app.ts'

/** The use of a token: none is accepted for another. */
export type TokenUse = 'capability' | 'request'

/** The application that signed a token, and the claims of the token. */
export interface AppToken {
  readonly app: string
  readonly claims: Readonly<Record<string, unknown>>
}

/** The access keys of all applications of a hub. Each verifies by its own algorithm only, whatever a token says. spec G43 */
export class AccessKeys {
  readonly #keyById: ReadonlyMap<string, Key>

  constructor(apps: readonly App[]) {
    const keys = apps.flatMap(({ id: app, keys: own }) =>
      own.map((key): [string, Key] => {
        const jwk = typeof key.key === 'string' ? { kty: 'oct', k: key.key } : key.key
        return [key.id, { app, algorithm: key.algorithm, jwk, imported: undefined }]
      }),
    )
    this.#keyById = new Map(keys)
  }

  /** The application and the claims of a token; `undefined` for every token that no key signed for this use, for every cause alike. Never throws. */
  async verify(token: string, use: TokenUse): Promise<AppToken | undefined> {
    // Engines forgive bits that no byte has: one signature would have several texts. spec W3
    if (!token.split('.').every((part) => decodeBase64Url(part) !== undefined)) return undefined
    let app: string | undefined
    try {
      const { payload } = await compactVerify(
        token,
        (header) => {
          const key = this.#find(header, use)
          app = key.app
          return (key.imported ??= importJWK({ ...key.jwk }, key.algorithm))
        },
        { algorithms: [...ALGORITHMS] },
      )
      const claims = parseClaims(payload)
      if (app === undefined || claims === undefined) return undefined
      const { iss = app } = claims
      return iss === app ? { app, claims } : undefined
    } catch {
      return undefined
    }
  }

  #find(header: Readonly<Record<string, unknown>>, use: TokenUse): Key {
    const { alg, kid, typ, crit } = header
    const key = typeof kid === 'string' ? this.#keyById.get(kid) : undefined
    if (key === undefined || alg !== key.algorithm || typ !== TYPES[use] || crit !== undefined)
      throw new Error('no key of the hub for this token')
    return key
  }
}

interface Key {
  readonly app: string
  readonly algorithm: AccessAlgorithm
  readonly jwk: Readonly<Record<string, unknown>>
  /** Made when the key is needed first. */
  imported: ReturnType<typeof importJWK> | undefined
}

function parseClaims(payload: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  const claims: unknown = JSON.parse(decodeText(payload) ?? '')
  return isRecord(claims) ? claims : undefined
}

const ALGORITHMS: readonly AccessAlgorithm[] = ['HS256', 'EdDSA', 'ES256']

/** RFC 8725 §3.11 */
const TYPES: Readonly<Record<TokenUse, string>> = {
  capability: 'conclave-capability+jwt',
  request: 'conclave-request+jwt',
}
