/** Runs the bot until Ctrl-C. */
import { createRoomLink } from '@conclave/client'
import { startBot } from './bot.ts'

const { NATS: nats } = process.env
const link = process.argv[2] ?? (await createRoomLink('http://localhost:8080'))
const bot = await startBot(link, nats === undefined ? {} : { nats })
console.log(`The bot is in ${link}`)
process.once('SIGINT', () => void bot.close().then(() => process.exit(0)))
