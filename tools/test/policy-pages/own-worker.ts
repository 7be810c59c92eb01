/** The application's own bundle of the worker that stretches passphrases. */
import '@conclave/e2ee/passphrase-worker'
