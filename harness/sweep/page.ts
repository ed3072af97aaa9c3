/** The live table as a page on this machine: server-sent events, one file, no code from elsewhere. */
import type { ServerResponse } from 'node:http'
import { servePage } from '../chrome/server'
import { UsageError } from '../cli/errors'
import { plain } from '../cli/output'
import type { LiveTable } from './live'
import css from './livepage.css?raw'
import script from './livepage.js?raw'

export interface LivePage {
  url: string
  show(table: LiveTable): void
  /** The last table stays in pages that are open. */
  close(): Promise<void>
}

const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sweep</title>
<link rel="stylesheet" href="page.css">
<script src="page.js" defer></script>
</head>
<body>
<main aria-live="off"><p>Waiting for the sweep.</p></main>
<noscript>This page shows a sweep with JavaScript, which is switched off.</noscript>
</body>
</html>
`

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
  "frame-ancestors 'none'; require-trusted-types-for 'script'"

/** @throws UsageError if the port is taken. */
export async function openLivePage(port: number): Promise<LivePage> {
  const open = new Set<ServerResponse>()
  let last: string | null = null
  const stream = (response: ServerResponse) => {
    open.add(response)
    response.on('close', () => open.delete(response))
    response.write(last ?? ': waiting\n\n')
  }
  const text = (body: string, type: string) => ({ body: Buffer.from(body), type: `text/${type}; charset=utf-8` })
  const files = new Map([
    ['/', text(HTML, 'html')],
    ['/page.css', text(css, 'css')],
    ['/page.js', text(script, 'javascript')],
  ])
  const server = await servePage(files, CSP, { port, streams: { '/events': stream } }).catch((error) => {
    throw new UsageError(
      `--page: cannot listen on 127.0.0.1:${port} (${error.message}). Name another port, or leave it out.`,
    )
  })
  return {
    url: server.url,
    show(table) {
      last = `data: ${plain(JSON.stringify(table))}\n\n`
      for (const response of open) response.write(last)
    },
    close: () => server.close(),
  }
}
