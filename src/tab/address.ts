/** The server in the page's address: `worker.html#server=wss://host&token=...`. */

/** What the tab connects to, and as whom. */
export interface Address {
  /** `wss://host`, or `ws://` on this machine; with a port where it is not the usual one. */
  server: string
  token?: string
  user?: string
  pass?: string
}

const KEYS = ['server', 'token', 'user', 'pass']
/** The hosts of this machine that a content-security policy can name. */
const LOOPBACK = ['127.0.0.1', 'localhost']

/** @throws Error that says what is wrong with the address; it never repeats a password. */
export function readAddress(hash: string): Address {
  const given = new URLSearchParams(hash.replace(/^#/, ''))
  const unknown = [...given.keys()].find((key) => !KEYS.includes(key))
  if (unknown !== undefined)
    throw new Error(`The address has a part ${JSON.stringify(unknown.slice(0, 40))}, which means nothing here.`)
  const twice = KEYS.find((key) => given.getAll(key).length > 1)
  if (twice) throw new Error(`The address has two parts named ${twice}.`)
  const [token, user, pass] = ['token', 'user', 'pass'].map((key) => given.get(key) ?? undefined)
  if ((user === undefined) !== (pass === undefined)) throw new Error('The address has only one of user and pass.')
  if (token !== undefined && user !== undefined)
    throw new Error('The address has a token, and a user besides. Use one of them.')
  return { server: readServer(given.get('server')), ...(token === undefined ? { user, pass } : { token }) }
}

function readServer(text: string | null): string {
  if (!text)
    throw new Error(
      'The address names no server. It ends in #server=wss://host&token=... as the person who gave it to you knows.',
    )
  const shown = JSON.stringify(text.slice(0, 100))
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw new Error(`The server ${shown} is not an address such as wss://host:port.`)
  }
  if (url.username || url.password || (url.pathname !== '/' && url.pathname !== '') || url.search || url.hash) {
    throw new Error(`The server is more than wss://host:port. Leave out what follows, and what stands before an @.`)
  }
  // A name of letters, digits, points and hyphens: it becomes a part of the policy that names the one server.
  if (!/^[a-z0-9.-]+$/.test(url.hostname))
    throw new Error(`The server ${shown} has no host name or IPv4 address. Use one.`)
  const isHere = LOOPBACK.includes(url.hostname)
  if (url.protocol !== 'wss:' && !(url.protocol === 'ws:' && isHere)) {
    throw new Error(`The server ${shown} is not encrypted. Use wss://; ws:// is only for 127.0.0.1 and localhost.`)
  }
  return `${url.protocol}//${url.host}`
}
