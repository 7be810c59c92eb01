import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'

/** An answer of HTTP. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
}

/** Asks for a page; `undefined` when no answer comes. A certificate is examined elsewhere, so that one fault does not hide others. */
export function getPage(url: URL, timeoutMs: number): Promise<HttpAnswer | undefined> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs)
    request(
      url,
      { rejectUnauthorized: false, signal, headers: { accept: 'text/html, */*' } },
      (response) => {
        const chunks: Buffer[] = []
        let bytes = 0
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes <= MAX_BYTES) chunks.push(chunk)
          else response.destroy()
        })
        response.on('error', () => resolve(undefined))
        response.on('end', () => {
          const { statusCode = 0, headers } = response
          resolve({ status: statusCode, headers, body: Buffer.concat(chunks).toString('utf8') })
        })
      },
    )
      .on('error', () => resolve(undefined))
      .end()
  })
}

const MAX_BYTES = 8_388_608
