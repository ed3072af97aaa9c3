/** `new-env`: writes the files of an environment of the user's own. */
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suggest } from '../../src/options/suggest'
import type { Command, Given } from '../cli/args'
import { EXIT, UsageError } from '../cli/errors'
import { inOrder } from '../cli/fields'
import { commandLine } from '../cli/invocation'
import { makeOutput } from '../cli/output'
import { makeFolder } from '../disk/disk'
import { ACTIONS, type Actions, newEnvFiles, whyNotName } from '../newenv/newenv'
import { NEW_ENV_FIELDS, type NewEnvResult } from './fields/newenv'

export const newEnv: Command = {
  name: 'new-env',
  summary: 'Write the files of an environment of your own, a small one that works, to begin with.',
  positionals: { usage: 'NAME', min: 1, max: 1 },
  flags: {
    actions: { value: 'KIND', help: `${ACTIONS.join(' or ')}: one of several actions, or a vector; default discrete.` },
    json: { help: 'Print the result as one line of JSON, the last of stdout.' },
  },
  details:
    'NAME is that of a new folder in the current one, and of what is in it: small letters, digits and hyphens, such as\n' +
    'my-game. In it are the WGSL, its twin in TypeScript, spec.ts, a test for vitest and a README. Nothing is overwritten.',
  results: { 'new-env': NEW_ENV_FIELDS },
  run: runNewEnv,
}

async function runNewEnv(given: Given): Promise<number> {
  const output = makeOutput(given.has('json'))
  const [name] = given.positionals
  const actions = readActions(given)
  const wrong = whyNotName(name)
  if (wrong) throw new UsageError(`NAME: ${JSON.stringify(name)} ${wrong}. Use another, such as my-game.`)
  if (existsSync(name)) throw new UsageError(`NAME: ${name} is there already, and stays as it is. Use another name.`)
  const check = commandLine('check-env', `${name}/spec.ts`)
  const train = commandLine('train', `--env ${name}/spec.ts`)
  const files = newEnvFiles(name, actions, { check, train })
  write(name, files)
  const result: NewEnvResult = { folder: name, files: Object.keys(files), actions }
  output.result(
    inOrder(NEW_ENV_FIELDS, result),
    [
      `Wrote ${Object.keys(files).join(', ')} into ${name}/.`,
      `Check it with: ${check}`,
      `Train in it with: ${train}`,
      `${name}/README.md says how to make it yours.`,
    ].join('\n'),
  )
  return EXIT.done
}

function readActions(given: Given): Actions {
  const text = given.text('actions') ?? 'discrete'
  const found = ACTIONS.find((kind) => kind === text)
  if (found) return found
  throw new UsageError(`--actions: ${JSON.stringify(text)} is not ${ACTIONS.join(' or ')}${suggest(text, ACTIONS)}.`)
}

/** All of them or none. @throws UsageError with the file system's message. */
function write(folder: string, files: Record<string, string>): void {
  const made: string[] = []
  try {
    made.push(...makeFolder(folder))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { flag: 'wx' })
  } catch (error) {
    if (made.length > 0) rmSync(made[0], { recursive: true, force: true })
    throw new UsageError(
      `NAME: cannot write ${folder} (${(error as Error).message}). Go to a folder that can be written.`,
    )
  }
}
