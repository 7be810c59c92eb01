import { acceptsEncoding, cacheControl, contentType } from './http-policy.ts'

/** A file of the app in memory, uncompressed and as the build compressed it. */
export interface AppFile {
  readonly identity: Uint8Array
  /** Digest of the content, for `ETag`. */
  readonly digest: string
  readonly br?: Uint8Array | undefined
  readonly gzip?: Uint8Array | undefined
}

/** The files of an app by their path from the root, such as `/index.html`. */
export type AppFiles = ReadonlyMap<string, AppFile>

/** The answer to a request for a file, without the security headers. */
export interface FileAnswer {
  readonly status: 200 | 304
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
}

/** Answers with a file: compressed if the client accepts that, without a body if the client has it. spec H31 */
export function answerFile(
  path: string,
  file: AppFile,
  request: {
    readonly acceptEncoding: string | undefined
    readonly ifNoneMatch: string | undefined
  },
): FileAnswer {
  const coding = (['br', 'gzip'] as const).find(
    (name) => file[name] !== undefined && acceptsEncoding(request.acceptEncoding, name),
  )
  const body = coding === undefined ? file.identity : file[coding]
  const etag = `"${file.digest}${coding === undefined ? '' : `-${coding}`}"`
  const headers: Record<string, string> = {
    'Cache-Control': cacheControl(path),
    ETag: etag,
    Vary: 'Accept-Encoding',
  }
  const known = request.ifNoneMatch?.split(',').map((text) => text.trim().replace(/^W\//, ''))
  if (known?.some((text) => text === etag || text === '*') === true)
    return { status: 304, headers, body: undefined }
  headers['Content-Type'] = contentType(path)
  headers['Content-Length'] = String(body?.length ?? 0)
  if (coding !== undefined) headers['Content-Encoding'] = coding
  return { status: 200, headers, body }
}

/** Puts files together with their compressed versions. `digest` names content. */
export function bundleFiles(
  contentByPath: ReadonlyMap<string, Uint8Array>,
  digest: (content: Uint8Array) => string,
): AppFiles {
  const files = new Map<string, AppFile>()
  for (const [path, identity] of contentByPath) {
    if (/\.(?:br|gz)$/.test(path) && contentByPath.has(path.slice(0, -3))) continue
    const br = contentByPath.get(`${path}.br`)
    const gzip = contentByPath.get(`${path}.gz`)
    files.set(path, { identity, digest: digest(identity), br, gzip })
  }
  return files
}
