/**
 * Starts the worker that measures.
 *
 * @module
 */
import type { Measured, Plan } from './measure.ts'

declare global {
  interface Window {
    measureInWorker(plan: Plan): Promise<Measured[]>
  }
}

window.measureInWorker = (plan) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
    worker.addEventListener('message', ({ data }) => {
      worker.terminate()
      if (data.error) reject(new Error(data.error))
      else resolve(data.measured)
    })
    worker.addEventListener('error', ({ message }) => reject(new Error(message)))
    worker.postMessage(plan)
  })
