import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ServerError } from '../errors.ts'

/** A place to listen on, and the setting that chooses its port. */
export interface ListenAddress {
  readonly hostname: string
  readonly port: number
  /** Default: PORT. */
  readonly setting?: string
}

/**
 * Lets a server listen, and resolves with its port.
 *
 * @throws ServerError `ERR_SERVER_PORT_TAKEN`, `ERR_SERVER_ADDRESS`
 */
export function listen(server: Server, at: ListenAddress): Promise<number> {
  const { hostname, port } = at
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(toServerError(error, at)))
    server.listen({ host: hostname, port }, () => {
      server.removeAllListeners('error')
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function toServerError(
  cause: NodeJS.ErrnoException,
  { hostname, port, setting = 'PORT' }: ListenAddress,
): ServerError {
  if (cause.code === 'EADDRINUSE') {
    const message = `port ${port} is taken by another program; set ${setting} to a free one`
    return new ServerError('ERR_SERVER_PORT_TAKEN', { port }, { message, cause })
  }
  const reason =
    cause.code === 'EACCES'
      ? 'it needs rights that this user does not have'
      : (cause.code ?? 'unknown reason')
  const message = `listening on ${hostname} port ${port} is not possible: ${reason}`
  return new ServerError('ERR_SERVER_ADDRESS', { hostname, port }, { message, cause })
}
