import { request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import type { PostAnswer, PostRequest } from '../access/webhook-authorizer.ts'

/** Sends a `POST` to the server of an application, and reads its whole answer. Follows no redirect. spec G49 */
export function post({ url, headers, body, maxBytes, signal }: PostRequest): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    const request = url.startsWith('https:') ? requestTls : requestPlain
    const given = { ...headers, 'content-length': body.length, 'user-agent': 'conclave-hub' }
    const sent = request(url, { method: 'POST', signal, headers: given }, (response) => {
      const pieces: Buffer[] = []
      let length = 0
      response.on('data', (piece: Buffer) => {
        length += piece.length
        if (length <= maxBytes) return void pieces.push(piece)
        reject(new Error('the answer is too long'))
        sent.destroy()
      })
      response.on('error', reject)
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(pieces) })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
