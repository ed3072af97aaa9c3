/** The scripts of a page with a player: of a checkout by Vite, of an installed package from dist/player. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { EnvSpec } from '../../src/env/contract'
import { packageRoot } from '../checkout/root.js'
import { UsageError } from '../cli/errors'
import { splitModule } from '../setup/environment'
import { plainFile } from '../vite/plainfile'
import { envScript, ownScript, playerScript } from './player.js'

export interface PlayerScripts {
  /** Sets `ppoPlayer`. */
  player: string
  /** Sets `ppoEnvs`. */
  envs: string
}

/**
 * @param module The module of the environment, if it is a user's own: `./spec.ts` or `./spec.ts:NAME`.
 * @throws UsageError if a user's module cannot be bundled.
 */
export async function playerScripts(spec: EnvSpec, module: string | null): Promise<PlayerScripts> {
  const root = packageRoot()
  const isCheckout = existsSync(join(root, 'src/player/main.ts'))
  const built = (name: string) => readFileSync(join(root, 'dist/player', `${name}.js`), 'utf8')
  const player = isCheckout ? await playerScript(root) : built('player')
  const own = module === null ? null : splitModule(module)
  if (own) return { player, envs: await ownEnvs(own.file, isCheckout ? root : null) }
  const folder = spec.wgslFile.split('/')[1]
  return { player, envs: isCheckout ? await envScript(root, folder) : built(folder) }
}

async function ownEnvs(file: string, checkout: string | null): Promise<string> {
  if (!(await import('vite').catch(() => undefined))) {
    throw new UsageError(
      `${file}: a page that plays it needs Vite, to make one script of it, and Vite is not installed. Run \`npm install vite\`.`,
    )
  }
  const entry = plainFile(file)
  try {
    const library = checkout && join(checkout, 'src/index.ts')
    return await ownScript(checkout ?? dirname(entry.path), entry.path, {
      plugins: [entry.plugin],
      alias: library ? { 'ppo-webgpu': library } : {},
    })
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`)
  } finally {
    entry.close()
  }
}
