/** A NATS server in operator mode: its users are known by signed JSON Web Tokens, and have credentials files. */
import { nkeys } from '@nats-io/nats-core'

type Pair = ReturnType<typeof nkeys.createUser>

const base64 = (value: object | Uint8Array): string =>
  Buffer.from(value instanceof Uint8Array ? value : JSON.stringify(value)).toString('base64url')

/** A token about `subject`, signed by `issuer`. */
function sign(issuer: Pair, subject: string, name: string, nats: object, more: object = {}): string {
  const iat = Math.floor(Date.now() / 1000)
  const claims = { jti: subject, iat, iss: issuer.getPublicKey(), name, sub: subject, nats: { ...nats, version: 2 } }
  const text = `${base64({ typ: 'JWT', alg: 'ed25519-nkey' })}.${base64({ ...claims, ...more })}`
  return `${text}.${base64(issuer.sign(Buffer.from(text)))}`
}

const NO_LIMITS = { subs: -1, data: -1, payload: -1 }
const NO_LIMITS_OF_AN_ACCOUNT = {
  ...{ ...NO_LIMITS, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 },
  ...{ mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 },
}

export interface UserRights {
  publish: string[]
  subscribe: string[]
}

export interface Operator {
  /** Lines of the server's configuration. */
  config: string
  /** The contents of a credentials file. @param seconds Until it expires; may be negative. */
  creds(name: string, rights?: UserRights, seconds?: number): string
}

/** An operator with one account for sweeps, and the account that the server needs for itself. */
export function makeOperator(): Operator {
  const [operator, account, system] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createAccount()]
  const tokenOf = (pair: Pair, name: string) =>
    sign(operator, pair.getPublicKey(), name, { type: 'account', limits: NO_LIMITS_OF_AN_ACCOUNT })
  const config = `
operator: ${sign(operator, operator.getPublicKey(), 'operator', { type: 'operator' })}
system_account: ${system.getPublicKey()}
resolver: MEMORY
resolver_preload: {
  ${account.getPublicKey()}: ${tokenOf(account, 'SWEEPS')}
  ${system.getPublicKey()}: ${sign(operator, system.getPublicKey(), 'SYS', { type: 'account', limits: { ...NO_LIMITS_OF_AN_ACCOUNT, mem_storage: 0, disk_storage: 0 } })}
}
`
  return {
    config,
    creds(name, rights, seconds) {
      const user = nkeys.createUser()
      const limits = rights ? { pub: { allow: rights.publish }, sub: { allow: rights.subscribe } } : {}
      const nats = { type: 'user', ...NO_LIMITS, ...limits }
      const end = seconds === undefined ? {} : { exp: Math.floor(Date.now() / 1000) + seconds }
      const token = sign(account, user.getPublicKey(), name, nats, end)
      const seed = new TextDecoder().decode(user.getSeed())
      return (
        `-----BEGIN NATS USER JWT-----\n${token}\n------END NATS USER JWT------\n\n` +
        `-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`
      )
    },
  }
}
