import { checkAppMembers, readApps, wrongApp } from '../../access/app.ts'
import type { App } from '../../access/app.ts'
import { parseWebhookSecret } from '../../webhooks/webhook-secret.ts'
import { isWebhookUrl } from '../../webhooks/webhook-url.ts'

/** The server of an application, which the hub asks or tells. */
export interface AppServer {
  readonly app: string
  readonly url: string
  /** As Standard Webhooks writes it. */
  readonly secret: string
}

/** The applications of a file, and the servers that it names. */
export interface AppsFile {
  readonly apps: readonly App[]
  /** Those that decide who may do what. */
  readonly authorizers: readonly AppServer[]
  /** Those that are told of events. */
  readonly receivers: readonly AppServer[]
}

/**
 * Reads the applications that an operator wrote into a file. spec G53
 *
 * @throws ServerError `ERR_SERVER_APPS` that names the place, and shows no value
 */
export function readAppsFile(value: unknown): AppsFile {
  const apps = readApps(value, OPTIONAL)
  const entries = value as readonly Readonly<Record<string, unknown>>[]
  const servers = (member: (typeof OPTIONAL)[number]): readonly AppServer[] =>
    entries.flatMap((entry, at) => {
      const given = entry[member]
      const app = apps[at]?.id ?? ''
      return given === undefined ? [] : [{ app, ...readServer(given, `[${at}].${member}`) }]
    })
  return { apps, authorizers: servers('authorize'), receivers: servers('webhook') }
}

function readServer(value: unknown, place: string): Omit<AppServer, 'app'> {
  const { url, secret } = checkAppMembers(value, { place, members: ['url', 'secret'] })
  if (!isWebhookUrl(url))
    throw wrongApp(`${place}.url`, 'an address with https, or http on this machine, is expected')
  if (typeof secret !== 'string' || parseWebhookSecret(secret) === undefined)
    throw wrongApp(`${place}.secret`, 'whsec_ and the base64 of 24 to 64 bytes are expected')
  return { url, secret }
}

const OPTIONAL = ['authorize', 'webhook'] as const
