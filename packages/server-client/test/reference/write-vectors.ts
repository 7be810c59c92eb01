/**
 * Writes the vectors of webhooks, from the chapter only, with `node:crypto`: `node packages/server-client/test/reference/write-vectors.ts`
 *
 * @module
 */
import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'

const NOW_S = 1_700_000_000
const keyOf = (byte: number): Buffer => Buffer.alloc(32, byte)
const member = { id: 'AAECAwQFBgcICQoLDA0ODw', user: 'alice@example.org', device: 'phone' }
const events = [
  { id: 'k7GQx2mPzT0a.1', type: 'channelOccupied', channel: 'presence-garden', atMs: 1 },
  { id: 'k7GQx2mPzT0a.2', type: 'memberAdded', channel: 'presence-garden', atMs: 2, member },
  { id: 'k7GQx2mPzT0a.3', type: 'memberRemoved', channel: 'presence-garden', atMs: 3, member },
  { id: 'k7GQx2mPzT0a.4', type: 'channelVacated', channel: 'presence-garden', atMs: 4 },
]
const delivery = { app: 'team', hub: 'k7GQx2mPzT0a', dropped: 2, events }

interface Given {
  readonly name: string
  readonly body?: object | string
  readonly timestampS?: number
  readonly key?: Buffer
  readonly headers?: Readonly<Record<string, string>>
  /** The delivery that is read; none for a request that is refused. */
  readonly delivery?: object
}

/** spec G80 */
function vector({ name, body = { version: 1, ...delivery }, ...given }: Given): object {
  const { timestampS = NOW_S, key = keyOf(7) } = given
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const id = events[0]?.id ?? ''
  const mac = createHmac('sha256', key).update(`${id}.${timestampS}.${text}`).digest('base64')
  const headers = {
    ...{ 'webhook-id': id, 'webhook-timestamp': String(timestampS) },
    ...{ 'webhook-signature': `v1,${mac}`, ...given.headers },
  }
  const secret = `whsec_${keyOf(7).toString('base64')}`
  const valid = given.delivery !== undefined
  const read = valid ? { delivery: { id, ...given.delivery } } : {}
  return { name, secret, nowMs: NOW_S * 1000, headers, body: text, valid, ...read }
}

const later = { id: 'k7GQx2mPzT0a.5', type: 'laterType', channel: 'private-a', atMs: 5 }

const vectors = [
  vector({ name: 'every type of event', delivery }),
  vector({ name: 'five minutes old', timestampS: NOW_S - 300, delivery }),
  vector({
    name: 'types and members of a later version',
    body: { version: 1, ...delivery, later: 1, events: [later, ...events] },
    delivery,
  }),
  vector({ name: 'another key', key: keyOf(8) }),
  vector({ name: 'more than five minutes old', timestampS: NOW_S - 301 }),
  vector({ name: 'another id', headers: { 'webhook-id': 'k7GQx2mPzT0a.2' } }),
  vector({ name: 'another time', headers: { 'webhook-timestamp': String(NOW_S + 1) } }),
  vector({ name: 'no signature', headers: { 'webhook-signature': '' } }),
  vector({ name: 'a signed body of another version', body: { version: 2, ...delivery } }),
  vector({
    name: 'a signed body without the name of the hub',
    body: { ...delivery, hub: '', version: 1 },
  }),
  vector({ name: 'a signed body that is no JSON', body: '{' }),
]

const text = JSON.stringify(vectors, undefined, 2)
writeFileSync(new URL('../../../../spec/vectors/webhooks.json', import.meta.url), `${text}\n`)
