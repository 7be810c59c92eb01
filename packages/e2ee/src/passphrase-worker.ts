/**
 * The worker script that stretches passphrases, so that the page that asks for it stays free. It can do nothing else. It is a
 * separate entry, so that every bundler can emit it as a file and a policy of `worker-src 'self'` is enough. spec K49
 *
 * @module
 */
import { startStretchWorker } from './passphrase/stretch-worker.ts'

startStretchWorker(self)
