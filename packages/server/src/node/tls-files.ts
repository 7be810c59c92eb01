import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { Server } from 'node:tls'
import { ServerError } from '../errors.ts'

/** The files of a certificate, as PEM. */
export interface TlsFiles {
  /** The certificate and its chain. */
  readonly certFile: string
  /** The private key. */
  readonly keyFile: string
}

/** A certificate and its key, as PEM. */
export interface TlsKeys {
  readonly cert: string
  readonly key: string
}

/**
 * The certificate and key of files, which fit each other.
 *
 * @throws ServerError `ERR_SERVER_TLS`
 */
export function readTls(given: TlsFiles | TlsKeys): TlsKeys {
  const keys =
    'cert' in given ? given : { cert: readPem(given.certFile), key: readPem(given.keyFile) }
  try {
    createSecureContext(keys)
  } catch (cause) {
    const message = 'the certificate and the key are no PEM, or do not belong together'
    throw new ServerError('ERR_SERVER_TLS', undefined, { message, cause })
  }
  return keys
}

/**
 * Gives a server its certificate again when the files change. The old one stays while the new one makes no sense: a hub
 * does not end because a file is half written. spec H48
 */
export class TlsReload {
  readonly #files: TlsFiles
  readonly #server: Server
  readonly #onResult: (isReloaded: boolean) => void
  readonly #listener = (): void => void this.reload()

  constructor({
    files,
    server,
    onResult,
    watchMs = WATCH_MS,
  }: {
    readonly files: TlsFiles
    readonly server: Server
    readonly onResult: (isReloaded: boolean) => void
    /** How often to ask for the time of change. */
    readonly watchMs?: number
  }) {
    this.#files = files
    this.#server = server
    this.#onResult = onResult
    // Asks for the time of change instead of events: those are lost when a link to the file is exchanged, as certbot does.
    for (const file of [files.certFile, files.keyFile])
      watchFile(file, { interval: watchMs, persistent: false }, this.#listener)
  }

  /** Reads the files now; `false` when they make no sense. */
  reload(): boolean {
    let isReloaded = true
    try {
      this.#server.setSecureContext(readTls(this.#files))
    } catch {
      isReloaded = false
    }
    this.#onResult(isReloaded)
    return isReloaded
  }

  stop(): void {
    for (const file of [this.#files.certFile, this.#files.keyFile])
      unwatchFile(file, this.#listener)
  }
}

function readPem(name: string): string {
  try {
    return readFileSync(name, 'utf8')
  } catch (cause) {
    const message = `the file ${name} cannot be read`
    throw new ServerError('ERR_SERVER_TLS', undefined, { message, cause })
  }
}

const WATCH_MS = 5000
