/** Runs one of the servers until Ctrl-C. */
import { createRoomLink } from '@conclave/client'
import * as express from './express.ts'
import * as fastify from './fastify.ts'
import * as hono from './hono.ts'
import * as node from './node.ts'

const servers: Readonly<Record<string, typeof node>> = { express, fastify, hono, node }
const server = servers[process.argv[2] ?? 'node']
if (server === undefined) throw new Error(`expected ${Object.keys(servers).join(', ')}`)
const running = await server.start(8081)
console.log(`A link of this server: ${await createRoomLink(running.base)}`)
process.once('SIGINT', () => void running.close().then(() => process.exit(0)))
