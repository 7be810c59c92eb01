/**
 * A driver over NATS core: publish and subscribe, nothing kept.
 *
 * @module
 */
import { TaskQueue, callHandler, decodeText } from '@conclave/base'
import { namespaceKey } from '@conclave/p2p'
import type { Driver, Namespace } from '@conclave/p2p'
import type { ConnectionOptions, Msg, NatsConnection, Subscription } from '@nats-io/nats-core'
import { connectTo } from '#connect'
import { SecretSeal } from './secret-seal.ts'
import { subjectOf } from './subject.ts'

/** How to reach the server, and as whom. */
export interface NatsDriverOptions {
  /**
   * The addresses of one server or of a cluster: `wss://` or, within one machine, `ws://`; in Node also `tls://` and `nats://`. There is no default: who
   * carries your calls is your choice.
   */
  readonly servers: string | readonly string[]
  /** The first token of every subject, `conclave` by default: give each application its own, with its permissions. */
  readonly prefix?: string
  /** The account of this client. */
  readonly user?: string
  readonly pass?: string
  readonly token?: string
  /** Signs the server's nonce: an authenticator of `@nats-io/nats-core`, such as `credsAuthenticator`. */
  readonly authenticator?: (nonce?: string) => object
  /** In Node: the certificates that are trusted and shown, as PEM, or the files that hold them. */
  readonly tls?: NatsTlsOptions
  /** How long the first connection may take, in milliseconds; 20,000 by default. */
  readonly timeout?: number
}

/** Certificates of a connection by TCP; of the client, where the server asks for one. */
export interface NatsTlsOptions {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
}

/** Longest message that is read, in bytes. */
const MAX_MESSAGE_BYTES = 262_144
/** Most messages that wait to be sealed, and to be opened; more are refused, and dropped. */
const MAX_WAITING = 512

/**
 * A driver over a NATS server. `open` it first, and `close` it at the end. It does not hear itself. A lost connection is made again without limit; meanwhile
 * `emit` rejects.
 *
 * It authenticates nobody: give it to `encrypted` of `@conclave/client`, or to `@conclave/p2p/plain` for a first look. With a secret the server
 * reads nothing, while everybody who knows the secret reads and forges everything. spec S1, S2, S83, S84, S86
 */
export class NatsDriver implements Driver {
  readonly #options: NatsDriverOptions
  readonly #prefix: string
  readonly #listenersByKey = new Map<string, Map<Handler, Listener>>()
  readonly #reconnectHandlers = new Set<() => void>()
  readonly #outgoing = new TaskQueue({ maxWaiting: MAX_WAITING })
  readonly #incoming = new TaskQueue({ maxWaiting: MAX_WAITING })
  #seal: SecretSeal | undefined
  #connection: NatsConnection | undefined
  #isUp = false

  get [Symbol.toStringTag](): string {
    return 'NatsDriver'
  }

  /** @throws TypeError without servers, or for a prefix that is no token */
  constructor(options: NatsDriverOptions) {
    const { servers, prefix = 'conclave' } = options ?? {}
    if (servers === undefined || servers.length === 0) {
      throw new TypeError('"servers" expected the address of a NATS server')
    }
    if (!TOKEN.test(prefix)) throw new TypeError('"prefix" expected letters, digits, - and _')
    this.#options = options
    this.#prefix = prefix
  }

  /**
   * Connects. Rejects if no server answers in time (20 s by default), or none lets this client in: with the error of the NATS client.
   *
   * @param secret a passphrase that all who meet here know; draw one with `generatePassphrase` of `@conclave/e2ee/passphrase`
   * @throws E2eeError `ERR_E2EE_WEAK_PASSPHRASE`
   * @throws TypeError if it is open
   */
  async open(secret?: string): Promise<void> {
    if (this.#connection !== undefined) {
      throw new TypeError('"open" expected a driver that is closed')
    }
    const seal = secret === undefined ? undefined : new SecretSeal(secret)
    const { servers, prefix: _prefix, ...options } = this.#options
    const connection = await connectTo({
      ...(options as ConnectionOptions),
      servers: typeof servers === 'string' ? servers : [...servers],
      noEcho: true,
      maxReconnectAttempts: -1,
    })
    this.#seal = seal
    this.#connection = connection
    this.#isUp = true
    void this.#watch(connection)
  }

  /** Sends what waits, and disconnects. Handlers no longer hear anything. Idempotent. */
  async close(): Promise<void> {
    const connection = this.#connection
    if (connection === undefined) return
    // Nothing comes after it.
    await this.#outgoing.run(() => undefined)
    this.#connection = undefined
    this.#isUp = false
    this.#listenersByKey.clear()
    // Of a server that does not answer nothing is expected.
    await connection.drain().catch(() => connection.close())
  }

  /** As {@link Driver.on}: resolves when the server has subscribed, and rejects with the error of the NATS client when it may not. */
  async on(namespace: Namespace, handler: Handler): Promise<void> {
    const connection = this.#requireOpen()
    const subject = subjectOf(this.#prefix, namespace)
    const key = namespaceKey(namespace)
    const listeners = this.#listenersByKey.get(key) ?? new Map<Handler, Listener>()
    if (listeners.has(handler)) return
    const listener: Listener = { subscription: undefined }
    this.#listenersByKey.set(key, listeners.set(handler, listener))
    try {
      await this.#subscribe(connection, { subject, namespace, listeners, handler, listener })
    } catch (error) {
      // A later call subscribes, instead of finding a handler that hears nothing.
      if (listeners.get(handler) === listener) this.off(namespace, handler)
      throw error
    }
  }

  async #subscribe(
    connection: NatsConnection,
    { subject, namespace, listeners, handler, listener }: Wanted,
  ): Promise<void> {
    const seal = this.#seal
    const sealed =
      seal === undefined ? subject : `${this.#prefix}.${await seal.subjectOf(namespace)}`
    const isOn = (): boolean => listeners.get(handler) === listener
    // It may have been taken off meanwhile.
    if (!isOn()) return
    let refusal: Error | undefined
    const callback = (error: Error | null, { data }: Msg): void => {
      refusal = error ?? refusal
      const text = error === null && data.length <= MAX_MESSAGE_BYTES ? decodeText(data) : undefined
      if (text === undefined || !isOn()) return
      if (seal === undefined) return deliver(text, handler)
      void this.#incoming.run(async () => {
        const opened = await seal.open(namespace, text)
        if (opened !== undefined && isOn()) deliver(opened, handler)
      })
    }
    listener.subscription = connection.subscribe(sealed, { callback })
    // The server says no before it answers this.
    await connection.flush()
    if (refusal !== undefined) throw refusal
  }

  /** As {@link Driver.off}. */
  off(namespace: Namespace, handler: Handler): void {
    const key = namespaceKey(namespace)
    const listeners = this.#listenersByKey.get(key)
    listeners?.get(handler)?.subscription?.unsubscribe()
    listeners?.delete(handler)
    if (listeners?.size === 0) this.#listenersByKey.delete(key)
  }

  /** As {@link Driver.emit}. Rejects while the connection is lost: nothing waits for it. */
  async emit(namespace: Namespace, message: unknown): Promise<void> {
    this.#requireOpen()
    const subject = subjectOf(this.#prefix, namespace)
    const text = JSON.stringify(message)
    const seal = this.#seal
    if (seal === undefined) return this.#publish(subject, text)
    const sent = this.#outgoing.run(async () => {
      const [sealedSubject, sealed] = [
        await seal.subjectOf(namespace),
        await seal.seal(namespace, text),
      ]
      this.#publish(`${this.#prefix}.${sealedSubject}`, sealed)
    })
    if (sent === undefined) throw new Error('too many messages wait to be sealed')
    await sent
  }

  /** As {@link Driver.onReconnect}. */
  onReconnect(handler: () => void): () => void {
    this.#reconnectHandlers.add(handler)
    return () => this.#reconnectHandlers.delete(handler)
  }

  #publish(subject: string, text: string): void {
    const connection = this.#requireOpen()
    if (!this.#isUp) throw new Error('the connection to the NATS server is lost')
    connection.publish(subject, text)
  }

  /** Follows the state of a connection until it is closed. */
  async #watch(connection: NatsConnection): Promise<void> {
    for await (const { type } of connection.status()) {
      if (connection !== this.#connection) return
      if (type === 'disconnect') this.#isUp = false
      if (type !== 'reconnect') continue
      this.#isUp = true
      for (const handler of [...this.#reconnectHandlers]) callHandler(handler)
    }
  }

  #requireOpen(): NatsConnection {
    if (this.#connection === undefined) throw new TypeError('expected a driver that is open')
    return this.#connection
  }
}

type Handler = (message: unknown) => void

interface Listener {
  /** Absent until the subject is known. */
  subscription: Subscription | undefined
}

/** A subscription that a handler waits for. */
interface Wanted {
  readonly subject: string
  readonly namespace: Namespace
  readonly listeners: ReadonlyMap<Handler, Listener>
  readonly handler: Handler
  readonly listener: Listener
}

/** Each handler gets its own copy; anything but JSON is not delivered. */
const deliver = (text: string, handler: Handler): void => {
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    return
  }
  callHandler(handler, message)
}

const TOKEN = /^[\w-]{1,64}$/
