/** A certificate authority, and a certificate of `localhost` that it has signed. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Certificates {
  /** Paths of PEM files. */
  ca: string
  cert: string
  key: string
  /** The contents of `ca`. */
  caText: string
  /** SHA-256 of the certificate's public key, in base64, as Chrome's --ignore-certificate-errors-spki-list takes it. */
  keyHash: string
  remove(): void
}

export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-certs-'))
  const [ca, caKey, cert, key] = ['ca.pem', 'ca-key.pem', 'cert.pem', 'key.pem'].map((name) => join(folder, name))
  const openssl = (args: string[], input?: Buffer) => execFileSync('openssl', args, { stdio: 'pipe', input })
  const make = (out: string, keyOut: string, name: string, more: string[]) =>
    openssl([
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-subj', `/CN=${name}`, '-keyout', keyOut, '-out', out, ...more],
    ])
  make(ca, caKey, 'Test authority', [])
  const ofServer = ['subjectAltName=DNS:localhost', 'basicConstraints=critical,CA:FALSE', 'extendedKeyUsage=serverAuth']
  make(cert, key, 'localhost', ['-CA', ca, '-CAkey', caKey, ...ofServer.flatMap((text) => ['-addext', text])])
  const publicKey = openssl(['pkey', '-pubout', '-outform', 'der', '-in', key])
  return {
    ...{ ca, cert, key, caText: readFileSync(ca, 'utf8') },
    keyHash: openssl(['dgst', '-sha256', '-binary'], publicKey).toString('base64'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
