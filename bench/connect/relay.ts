/**
 * A bus for tests of signalling: a WebSocket server that gives every text of a topic to all who subscribed to it.
 *
 * @module
 */
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

/** Starts the bus on loopback. */
export async function startRelay(): Promise<{ readonly url: string; close(): void }> {
  const subscribersByTopic = new Map<string, Set<WebSocket>>()
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  server.on('connection', (socket) => {
    socket.on('message', (bytes) => {
      const { subscribe, unsubscribe, topic, text }: RelayFrame = JSON.parse(String(bytes))
      if (subscribe !== undefined) {
        const subscribers = subscribersByTopic.get(subscribe) ?? new Set()
        subscribersByTopic.set(subscribe, subscribers.add(socket))
        socket.send(JSON.stringify({ subscribed: subscribe }))
      }
      if (unsubscribe !== undefined) subscribersByTopic.get(unsubscribe)?.delete(socket)
      if (topic === undefined) return
      for (const subscriber of subscribersByTopic.get(topic) ?? []) {
        subscriber.send(JSON.stringify({ topic, text }))
      }
    })
    socket.on('close', () => {
      for (const subscribers of subscribersByTopic.values()) subscribers.delete(socket)
    })
  })
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `ws://127.0.0.1:${port}/`, close: () => server.close() }
}

/** A frame to or from the bus: a subscription, its end, or a text of a topic. */
export interface RelayFrame {
  readonly subscribe?: string
  readonly unsubscribe?: string
  readonly subscribed?: string
  readonly topic?: string
  readonly text?: string
}
