/** A NATS credentials file: a signed token that says who the user is, and the key that proves it. */
import { statSync } from 'node:fs'
import { UsageError } from '../cli/errors'
import { readText } from './text'

export interface Creds {
  path: string
  bytes: Uint8Array
  /** The user's name in the token. */
  name: string
  /** In milliseconds, as of Date.now(); null if it does not expire. */
  expires: number | null
}

const JWT = /BEGIN NATS USER JWT-*\s+(\S+)[\s\S]*BEGIN USER NKEY SEED-*\s+SU[A-Z2-7]+/

/**
 * @param warnings Gets a line if others can read the file.
 * @throws UsageError if it cannot be read, is no such file, or has expired.
 */
export function readCreds(path: string, warnings: string[]): Creds {
  const text = readText('--nats-creds', path)
  const claims = readClaims(JWT.exec(text)?.[1] ?? '')
  if (claims === null) {
    throw new UsageError(
      `--nats-creds: ${path} is not a NATS credentials file, which has a "NATS USER JWT" and a "USER NKEY SEED". Make one with ` +
        'nsc generate creds, or ask whoever runs the server.',
    )
  }
  const { name, expires } = claims
  if (expires !== null && expires <= Date.now()) {
    const time = new Date(expires).toISOString().replace('T', ' ').replace(/\..*/, ' UTC')
    throw new UsageError(
      `--nats-creds: ${path}, for user ${JSON.stringify(name)}, expired at ${time}. Ask whoever runs the server for a new one.`,
    )
  }
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
    warnings.push(`WARNING: --nats-creds: other users of this machine can read ${path}. Change it: chmod 600 ${path}`)
  }
  return { path, bytes: new TextEncoder().encode(text), name, expires }
}

/** What is in the token; whether it is signed by the right one is the server's to say. */
function readClaims(token: string): Pick<Creds, 'name' | 'expires'> | null {
  try {
    const { name, exp } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())
    const hasEnd = Number.isInteger(exp) && exp > 0 && exp < 1e12
    return { name: typeof name === 'string' ? name : '', expires: hasEnd ? exp * 1000 : null }
  } catch {
    return null
  }
}
