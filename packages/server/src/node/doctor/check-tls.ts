import { once } from 'node:events'
import { isIP } from 'node:net'
import { connect } from 'node:tls'
import { isLoopback } from '../local-addresses.ts'
import { findingsOf } from './finding.ts'
import type { Finding, Patient } from './finding.ts'

/** Whether browsers take the certificate. spec H56 */
export async function checkTls({ base, timeoutMs }: Patient): Promise<readonly Finding[]> {
  const { good, hint, fault } = findingsOf('tls')
  const host = base.hostname.replaceAll(/[[\]]/g, '')
  if (base.protocol === 'http:') {
    return isLoopback(host)
      ? [good('not needed on this machine')]
      : [
          fault(
            'http: browsers give camera and microphone to https pages only; see TLS_CERT, or put a proxy in front',
          ),
        ]
  }
  const port = base.port === '' ? 443 : Number(base.port)
  const servername = isIP(host) === 0 ? host : ''
  const socket = connect({ host, port, servername, rejectUnauthorized: false })
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error('no answer in time')))
  try {
    await once(socket, 'secureConnect')
    const { valid_to: validTo } = socket.getPeerCertificate()
    const days = Math.floor((Date.parse(validTo) - Date.now()) / 86_400_000)
    if (!socket.authorized)
      return [
        fault(`the certificate is not accepted (${codeOf(socket.authorizationError)}): ${REMEDY}`),
      ]
    if (days < MIN_DAYS)
      return [hint(`the certificate ends in ${days} days: is its renewal running?`)]
    return [good(`${socket.getProtocol()}, the certificate holds for ${days} days`)]
  } catch (error) {
    return [fault(`no TLS at ${base.host} (${codeOf(error)}): does this port speak TLS?`)]
  } finally {
    socket.destroy()
  }
}

const codeOf = (error: unknown): string =>
  String((error as { readonly code?: unknown } | null)?.code ?? error)

const MIN_DAYS = 14
const REMEDY = 'give TLS_CERT the whole chain for this name, from an authority that browsers know'
