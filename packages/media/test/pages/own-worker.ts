// A worker script of an application, for bundlers that do not follow `new URL(…, import.meta.url)`.
import '@conclave/media/worker'
