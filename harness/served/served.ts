/** `npm start -- --env FILE`: the lab's server gives the page the user's own environment, and again after each save. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import * as vite from 'vite'
import { OWN_CODE, OWN_EVENT, OWN_STATE, type Told } from '../../src/lab/own/told'
import { UsageError } from '../cli/errors'
import { bundleModule } from '../setup/bundle'
import { chooseEnv, type EnvModule, splitModule } from '../setup/environment'

/** Some editors write a file in several steps. */
const SETTLE_MS = 60

/**
 * @param text What `--env` was given.
 * @throws UsageError, ConfigError for an environment that cannot be used.
 */
export async function serveOwn(server: vite.ViteDevServer, text: string): Promise<void> {
  const module = splitModule(text)
  if (!module) {
    const { spec } = await chooseEnv('--env', text) // an error if there is none
    throw new UsageError(
      `--env: ${spec.id} is built in. Open the lab without --env, and choose it there, or end the address with #env=${spec.id}.`,
    )
  }
  const files = new Set([resolve(module.file)])
  let code = await read(text, module, files)
  let told: Told = { version: 1, ...module, error: null }
  answer(server, OWN_STATE, 'application/json', () => JSON.stringify(told))
  answer(server, OWN_CODE, 'text/javascript', () => code)

  const watch = () => server.watcher.add([...files].filter((file) => existsSync(file)))
  const again = async () => {
    const error = await read(text, module, files).then(
      (next) => {
        code = next
        return null
      },
      (reason: Error) => reason.message,
    )
    watch()
    told = { ...told, version: told.version + 1, error }
    server.config.logger[error === null ? 'info' : 'error'](error ?? `${module.file}: read again`, { timestamp: true })
    server.ws.send(OWN_EVENT, told)
  }
  let timer: NodeJS.Timeout | undefined
  let queue = Promise.resolve()
  server.watcher.on('all', (_, path) => {
    if (!files.has(resolve(path))) return
    clearTimeout(timer)
    timer = setTimeout(() => {
      queue = queue.then(again)
    }, SETTLE_MS)
  })
  watch()
}

/** The code of the module, if its environment can be used; `files` gets those that it is made of. */
async function read(text: string, { file }: EnvModule, files: Set<string>): Promise<string> {
  if (!existsSync(file)) throw new UsageError(`--env: ${file}: there is no such file.`)
  const code = await bundleModule(vite, file, files)
  await chooseEnv('--env', text)
  return code
}

function answer(server: vite.ViteDevServer, path: string, type: string, content: () => string): void {
  server.middlewares.use(`/${path}`, (_, response) => {
    response.setHeader('Content-Type', type)
    response.setHeader('Cache-Control', 'no-store')
    response.end(content())
  })
}
